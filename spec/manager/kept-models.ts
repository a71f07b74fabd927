import { belongsTo, boolean, hasMany, integer, Manager, Model, sql, text, timestamp } from "../../src/index.js";

class AuthorManager extends Manager<typeof Author> {
  readonly tag: string;

  constructor(model: typeof Author, tag = "plain") {
    super(model);
    this.tag = tag;
  }

  names() {
    return this.getItems({ columns: ["name"], orderBy: "name" }).then((items) => items.map(({ name }) => name));
  }
}

/** A model whose deleted rows are hidden. */
export class Author extends Model(
  "authors",
  { id: integer().primaryKey(), name: text(), email: text().unique().nullable(), active: boolean().default(true) },
  { softDelete: "deletedAt" },
) {
  static override objects = new AuthorManager(this, "own");

  get books() {
    return hasMany(this, Book, "authorId");
  }
}

/** Another, which belongs to the first. */
export class Book extends Model(
  "books",
  {
    id: integer().primaryKey(),
    title: text(),
    authorId: integer().references(() => Author, { onDelete: "cascade" }),
    gone: timestamp().nullable().column("gone_at"),
  },
  { softDelete: "gone" },
) {
  static override objects = new Manager(this);

  get author() {
    return belongsTo(this, Author, "authorId");
  }
}

/** One that keeps its times as well. */
export class Page extends Model(
  "pages",
  { id: integer().primaryKey(), path: text().unique(), hits: integer().default(0) },
  { softDelete: "deletedAt", timestamps: true },
) {}

/** A name that is free again once its row is hidden. */
export class Nick extends Model(
  "nicks",
  { id: integer().primaryKey(), name: text() },
  { softDelete: "deletedAt", indexes: [{ columns: ["name"], unique: true, where: sql`deleted_at is null` }] },
) {}

/** A key of two columns. */
export class Seat extends Model(
  "seats",
  { room: text(), place: integer() },
  { primaryKey: ["room", "place"], softDelete: "deletedAt" },
) {}

/** A time long gone, which no clock gives. */
export const LONG_AGO = new Date("2001-02-03T04:05:06.789Z");
