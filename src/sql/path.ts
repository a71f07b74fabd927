/** What names of columns and relations lead to: `"author.avatar.url"`. */
import { crypto } from "../crypto.js";
import type { DialectName } from "../drivers/driver.js";
import { RowkeeperError, UsageError, wrongInput } from "../errors.js";
import { didYouMean, kindOf, quoted } from "../text.js";
import { and } from "./conditions.js";
import type { Dialect } from "./dialect.js";
import { LONGEST_NAME } from "./made-name.js";
import { hiding, type Related, type Source } from "./statement-state.js";
import { type Table, TableColumn } from "./table.js";
import { SqlWriter, type TablePath } from "./writer.js";

const aliased = new WeakMap<Table, Map<string, Table>>();

/** A table under another name; made once, as that takes long. */
export function aliasedTable(table: Table, alias: string): Table {
  const known = entryOf(aliased, table, () => new Map<string, Table>());
  let made = known.get(alias);
  if (made === undefined) {
    made = table.as(alias);
    known.set(alias, made);
  }
  return made;
}

function entryOf<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** A name that no table of a user has, as it has a dot; cut so that it stays unique where it would be too long. */
export function aliasOf(own: string, name: string): string {
  const alias = `${own}.${name}`;
  const bytes = Buffer.from(alias);
  if (bytes.length <= LONGEST_NAME) return alias;
  const hash = crypto().createHash("sha256").update(alias).digest("hex").slice(0, 8);
  return `${bytes
    .subarray(0, 50)
    .toString()
    .replace(/\uFFFD+$/, "")}.${hash}`;
}

/** A path of one step or more, by what its last step adds. */
class Path implements TablePath {
  readonly root: string;
  /** The table of its end, as the joins name it. */
  readonly #end: Table;
  readonly #on: Partial<Record<DialectName, string>> = {};
  readonly #joins: Partial<Record<DialectName, readonly string[]>> = {};

  constructor(
    readonly before: Path | undefined,
    readonly own: Table,
    readonly related: Related,
  ) {
    this.root = before?.root ?? own.alias;
    this.#end = aliasedTable(related.target.table, aliasOf(own.alias, related.name));
  }

  /** The same table, for those who don't know whether it is joined. */
  get table(): Table {
    return this.#end.as(this.#end.alias, this);
  }

  joins(dialect: Dialect): readonly string[] {
    this.#joins[dialect.name] ??= [
      ...(this.before?.joins(dialect) ?? []),
      ` left join ${this.#end.from} on ${this.#onText(dialect)}`,
    ];
    return this.#joins[dialect.name] ?? [];
  }

  select(dialect: Dialect, column: string): string {
    const [first, ...rest] = this.#steps;
    const joins = rest.map((step) => ` inner join ${step.#end.from} on ${step.#onText(dialect)}`).join("");
    return `(select ${column} from ${first.#end.from}${joins} where ${first.#onText(dialect)})`;
  }

  /** The table that the same steps from another one lead to. */
  from(root: Table): Table {
    return tableAfter(this.before?.from(root) ?? root, this.related);
  }

  get #steps(): [Path, ...Path[]] {
    return this.before === undefined ? [this] : [...this.before.#steps, this];
  }

  #onText(dialect: Dialect): string {
    const known = this.#on[dialect.name];
    if (known !== undefined) return known;
    const own = this.before === undefined ? this.own : this.before.#end;
    const writer = new SqlWriter(dialect);
    writer.operand(
      and(this.related.on(own, this.#end, undefined), ...hiding([{ ...this.related.target, table: this.#end }])),
    );
    if (writer.values.length > 0)
      throw new UsageError(`${this.related.name} relates rows by a value, which can't be joined`);
    this.#on[dialect.name] = writer.text;
    return writer.text;
  }
}

/** A column of a table, or of the end of the same path from it. */
export function columnFrom(table: Table, property: string, path: TablePath | undefined): TableColumn {
  return (path instanceof Path ? path.from(table) : table).column(property);
}

const paths = new WeakMap<Table, Path>();
const tables = new WeakMap<Table, Map<Related, Table>>();

/** The table that a to-one relation leads to, which is joined where a column of it is written. */
function tableAfter(own: Table, related: Related): Table {
  const known = entryOf(tables, own, () => new Map<Related, Table>());
  let table = known.get(related);
  if (table === undefined) {
    const path = new Path(paths.get(own), own, related);
    table = path.table;
    paths.set(table, path);
    known.set(related, table);
  }
  return table;
}

/**
 * The other model as the end of a path by a relation.
 *
 * @throws TypeError where a row has any number of the others
 * @throws UsageError where nothing says that there is one at most
 */
export function sourceAfter(source: Source, related: Related): Source {
  const name = `${source.table.alias}.${related.name}`;
  if (related.isMany)
    throw wrongInput(
      `${name} leads to any number of rows: say ${quoted(related.name)}: { some: { … } }, or none or every`,
    );
  if (!related.isUnique) throw new UsageError(`${name} may lead to several rows: a path wants a key that is .unique()`);
  return { ...related.target, table: tableAfter(source.table, related), within: namesIn(source) };
}

/** The names of the tables that conditions on rows related to these can mean. */
export const namesIn = ({ table, within = [] }: Source): readonly string[] => [...within, table.alias];

/** The relation of a name; undefined where there is none. */
export function findRelation(source: Source, name: string): Related | undefined {
  try {
    return source.related?.(name);
  } catch (cause) {
    if (cause instanceof RowkeeperError) throw cause;
    // A getter that is no relation may want a row that is there.
    throw new TypeError(
      `the getter ${name} failed: ${cause instanceof Error ? cause.message : kindOf(cause)} (${unknown(source, name)})`,
      { cause },
    );
  }
}

/** The relations that getters give. */
export function relationsIn({ getters = [], related }: Pick<Source, "getters" | "related">): readonly Related[] {
  return getters.flatMap((name) => {
    try {
      return related?.(name) ?? [];
    } catch {
      return []; // A getter of something else, which can't be read of an instance without values.
    }
  });
}

/** A relation with the model that has it. */
export interface RelationEnd {
  readonly source: Source;
  readonly related: Related;
}

/**
 * What a path leads to: a column, or a relation.
 *
 * @throws TypeError for an unknown name, with the nearest, or a step that is no relation to one row
 * @throws UsageError for a relation to one row that the schema does not say to be one
 */
export function endOf(source: Source, path: string): TableColumn | RelationEnd {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = source;
  for (const name of names) at = sourceAfter(at, requireRelation(at, name));
  return at.table.find(last) ?? { source: at, related: requireRelation(at, last) };
}

/** The column that a path leads to. @throws TypeError where it is a relation */
export function columnAt(source: Source, path: string): TableColumn {
  const end = endOf(source, path);
  if (end instanceof TableColumn) return end;
  throw wrongInput(
    `${quoted(path)} is a relation of ${source.table.name}: name a column of it, "${end.related.name}.…"`,
  );
}

/** The relation of a name. @throws TypeError where there is none, with the nearest name */
export function requireRelation(source: Source, name: string): Related {
  const column = source.table.find(name);
  if (column !== undefined) throw wrongInput(`${column.label} is a column, which has no columns`);
  const related = findRelation(source, name);
  if (related !== undefined) return related;
  throw wrongInput(unknown(source, name));
}

function unknown({ table, getters = [] }: Source, name: string): string {
  const names = [...table.columns.map(({ property }) => property), ...getters.filter((getter) => getter !== name)];
  return `table ${table.name} has no column ${quoted(name)}${didYouMean(name, names)}`;
}
