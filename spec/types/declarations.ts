/*
 * What users export without a type of their own: the package's spec lets the compiler write declarations of it, for which
 * every type in it must have a public name. Compiled, never run.
 */
import {
  alias,
  array,
  avg,
  belongsTo,
  bigint,
  count,
  cte,
  exists,
  expression,
  hasMany,
  integer,
  json,
  lag,
  Manager,
  Model,
  numeric,
  QueryBuilder,
  rank,
  sql,
  stringAgg,
  sum,
  text,
} from "../../src/index.js";

export class AuthorManager extends Manager<typeof Author> {
  named(name: string) {
    return this.getInstances({ where: { name } });
  }
  obtain(name: string) {
    return this.getOrCreate({ name }, { tags: [], price: "1", big: 1n });
  }
  totals() {
    return this.aggregate({ n: count(), total: sum("big") }, { groupBy: "name" });
  }
  counts() {
    return this.setSql(Author.select({ name: "name", n: count() })).groupBy("name");
  }
  preview0() {
    return this.preview((tx) => tx.delete("all"));
  }
}

export class Author extends Model(
  "authors",
  {
    id: integer().primaryKey(),
    name: text(),
    tags: array(text()),
    meta: json<{ colours: { name: string }[] }>().nullable(),
    price: numeric(10, 2),
    big: bigint(),
  },
  { timestamps: true, softDelete: "deletedAt" },
) {
  static override objects = new AuthorManager(this);
  get books() {
    return hasMany(this, Book, "authorId");
  }
}

export class Book extends Model("books", { id: integer().primaryKey(), title: text(), authorId: integer() }) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, Author, "authorId");
  }
}

export const joined = Author.query().join(Book, ["id", "authorId"], "left");
export const joinedAgain = joined.join(alias(Book, "other"), ["id", "other.authorId"], "full");
export const rightJoined = Author.query().join("logs", ["id", "id"], "right", { id: integer() });
export const joinedRows = () => joined.get();
export const joinedColumns = () => joinedAgain.select(["authors.id", "books.title"]).get();
export const selected = () => Author.query().select(["id"]).get();
export const selectedValues = () => Author.query().select({ n: count(), name: "name" }).get();
export const grouped = Author.query().group("name");
export const groupedRows = () => grouped.select({ name: "name", n: count() }).get();
export const logs = new QueryBuilder("logs", { columns: { id: integer() } });
export const logsInOrder = logs.equal("id", 1).orderBy("id", "asc");
export const logRows = () => logs.select(["id"]).get();

export const boss = alias(Author, "boss");
export const named = cte("named", Author.select(["id", "name"]));
export const numbers = cte("numbers", { n: integer() }, sql`select 1`, { recursive: true });
export const fromNames = named.select({ n: count() });

export const columns = Author.c;
export const colour = Author.c.meta.path("colours", 0, "name");
export const total = expression(numeric(12, 2), sql`1`);
export const ofColumn = sum("price");
export const ofExpression = avg(Author.c.price);
export const texts = stringAgg("name");
export const product = Author.c.price.times(Author.c.id);
export const size = Author.c.tags.size();
export const place = rank().over({ partitionBy: Author.c.name, orderBy: Author.c.id.asc() });
export const before = lag(Author.c.name);
export const hasBooks = exists(Book.select().where(Book.c.authorId.eq(Author.c.id)));
export const { addHook } = Author;
