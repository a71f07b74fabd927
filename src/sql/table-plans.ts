import type { DialectName, DriverStatement, DriverValue } from "../drivers/driver.js";
import { isTextKind } from "./column-type.js";
import type { Dialect, ListParameter, Unnest } from "./dialect.js";
import type { InsertRow, RowList } from "./insert-values.js";
import { SelectPlans } from "./select-plans.js";
import type { Conflict } from "./statement-state.js";
import type { Table, TableColumn } from "./table.js";
import { advanceGenerated, returning, writeConflict, writeInsertRows } from "./write-change.js";
import { SqlWriter } from "./writer.js";

/** How many texts are kept for one table: as many as its programs have, but not one for each of all possible. */
const MOST_TEXTS = 1000;

/** How many keys are looked for at once; of those with a condition each, planning takes longer than so many are worth. */
const MOST_KEYS = { list: 1000, conditions: 128 };

/** How many rows are so many that it is worth finding out whether they must be given back. */
export const MANY = 50;

/** Columns that may be kept as they are given, and the select of whether they are. */
export interface Kept {
  readonly columns: readonly TableColumn[];
  readonly query: string;
}

const IS_KEPT = "(select is_kept from rowkeeper_kept)";

/** A statement that knows whether columns are kept: once, not for each row. */
function withKept(kept: Kept | undefined, text: string): string {
  return kept === undefined ? text : `with rowkeeper_kept(is_kept) as materialized (${kept.query}) ${text}`;
}

/** Texts by the shape of what they insert or set. */
class Texts extends Map<string, string> {
  override set(shape: string, text: string): this {
    if (this.size >= MOST_TEXTS) this.clear();
    return super.set(shape, text);
  }
}

/** The condition that a row has one of some keys. */
interface WhereKeys {
  readonly where: string;
  readonly values: readonly DriverValue[];
}

/** The statements on one row by its key, and the inserts, whose texts are made once for a table and dialect. */
export class TablePlans {
  readonly #all: readonly string[];
  readonly #select: string;
  readonly #find: string;
  readonly #delete: string;
  /** Passes over rows that are hidden because they were deleted. */
  readonly #visible: string;
  /** One parameter that holds all keys, where one can. */
  readonly #keyList: ListParameter | undefined;
  readonly selects = new SelectPlans();
  readonly #updates = new Texts();
  readonly #inserts = new Texts();

  constructor(
    readonly table: Table,
    readonly dialect: Dialect,
  ) {
    this.#all = table.columns.map(({ quoted }) => quoted);
    this.#select = `select ${table.selectList} from ${table.quoted}`;
    this.#find = this.#select + this.#whereKey(0);
    this.#visible = table.deletedAt === undefined ? "" : ` and ${table.deletedAt.quoted} is null`;
    this.#delete = `delete from ${table.quoted}${this.#whereKey(0)}`;
    const [only, ...others] = table.key;
    this.#keyList = only === undefined || others.length > 0 ? undefined : dialect.listParameter(only.type);
  }

  /** A select of the row with this key. */
  find(id: unknown, withDeleted = false): DriverStatement {
    const text = withDeleted ? this.#find : this.#find + this.#visible;
    return { text, values: this.encodeKey(id), access: "read", bigints: this.table.hasBigint };
  }

  /** A select of the rows with these keys, as `encodeKey` gives them: as many as `mostKeys` says. */
  findAll(keys: readonly (readonly DriverValue[])[], withDeleted = false): DriverStatement {
    const { where, values } =
      this.#keyList === undefined ? this.#whereKeys(keys) : this.#whereListed(this.#keyList, keys);
    const text = `${this.#select} where ${where}${withDeleted ? "" : this.#visible}`;
    return { text, values, access: "read", bigints: this.table.hasBigint };
  }

  get mostKeys(): number {
    return this.#keyList === undefined ? MOST_KEYS.conditions : MOST_KEYS.list;
  }

  /** Takes the row with this key out of the table. */
  delete(key: readonly DriverValue[], withDeleted = false): DriverStatement {
    return { text: withDeleted ? this.#delete : this.#delete + this.#visible, values: key, access: "write" };
  }

  /** An update of some columns of the row with this key. */
  update(
    columns: readonly TableColumn[],
    values: readonly DriverValue[],
    key: readonly DriverValue[],
    withDeleted = false,
  ): DriverStatement {
    const shape = columns.map(({ index }) => index).join();
    let text = this.#updates.get(shape);
    if (text === undefined) {
      const sets = columns.map(({ quoted }, i) => `${quoted} = ${this.dialect.placeholder(i + 1)}`);
      text = `update ${this.table.quoted} set ${sets.join(", ")}${this.#whereKey(columns.length)}`;
      this.#updates.set(shape, text);
    }
    if (!withDeleted) text += this.#visible;
    return { text, values: [...values, ...key], access: "write" };
  }

  /** An insert of one row, which gives all its columns back where they are to be fetched. */
  insert(row: InsertRow, fetch: boolean): DriverStatement {
    const { values } = row;
    const shape = fetch ? row.shape : `${row.shape}no rows`;
    let text = this.#inserts.get(shape);
    if (text === undefined) {
      text = this.#writeInsert(row, fetch);
      this.#inserts.set(shape, text);
    }
    return { text, values, access: "write", bigints: this.table.hasBigint };
  }

  /** The key that conditions say and nothing else, `{ id: 5 }`, for which the statements are written already. */
  keyIn(where: unknown): DriverValue[] | undefined {
    const { key } = this.table;
    if (typeof where !== "object" || where === null || Object.getPrototypeOf(where) !== Object.prototype)
      return undefined;
    const values = Object.entries(where);
    const isKey = values.length === key.length && key.every(({ property }) => isPlainKey(Reflect.get(where, property)));
    return isKey && values.length > 0 ? this.encodeKey(where) : undefined;
  }

  encodeKey(id: unknown): DriverValue[] {
    const { key } = this.table;
    const [only] = key;
    if (key.length === 1 && only !== undefined && typeof id !== "object" && id !== undefined) {
      return [only.encode(this.dialect, id)];
    }
    return this.table.keyValues(id).map((value, i) => (key[i] as TableColumn).encode(this.dialect, value));
  }

  /** The key of a row as the driver gave it. */
  keyOf(row: readonly unknown[]): DriverValue[] {
    return this.table.key.map((column) => {
      const raw = row[column.index];
      return column.encode(this.dialect, column.decode === undefined ? raw : column.decode(raw));
    });
  }

  /**
   * The columns that rows are written to, where it is worth asking whether the table keeps them as they are given: then they
   * need not come back, which takes longer than all else that is done with them here.
   */
  writtenBy({ columns, rows }: RowList, conflict?: Conflict): Kept | undefined {
    if (rows.length < MANY) return undefined;
    const { on = [], update = columns } = conflict ?? {};
    // Text that is found equal may be another: a collation can ignore case.
    const written = columns.filter(
      (column) => update.includes(column) || (on.includes(column) && !isTextKind(column.type.kind)),
    );
    const query = this.dialect.unnest?.keeps(this.table.quoted, written);
    return query === undefined ? undefined : { columns: written, query };
  }

  /** Rows as they are, which an insert of them gave back without what was kept as it was given. */
  completed({ columns, rows }: RowList, kept: Kept, back: readonly unknown[][]): readonly unknown[][] {
    const places = kept.columns.map((column) => ({ to: column.index, from: columns.indexOf(column) }));
    back.forEach((row, i) => {
      if (row.pop() !== "t") return;
      for (const { to, from } of places) row[to] = rows[i]?.[from];
    });
    return back;
  }

  /** One insert of many rows that give the same columns, out of one parameter per column; undefined where the engine can't. */
  insertMany(list: RowList, fetch: boolean, kept?: Kept): DriverStatement | undefined {
    const { unnest } = this.dialect;
    const { columns, rows } = list;
    if (unnest === undefined || columns.length === 0) return undefined;
    const shape = `${list.shape}${fetch ? "many" : "many, no rows"}${kept ? ", kept" : ""}`;
    let text = this.#inserts.get(shape);
    if (text === undefined) {
      text = withKept(kept, this.#writeUnnest(unnest, columns) + returning(fetch ? this.#itemsBut(kept) : []));
      this.#inserts.set(shape, text);
    }
    return { text, values: listsOf(unnest, rows, columns.length), access: "write", bigints: this.table.hasBigint };
  }

  /** The same where rows may be there already, as a list of values where that is one, or the engine can't do otherwise. */
  upsert({ columns, rows, shape: given }: RowList, conflict: Conflict, fetch: boolean, kept?: Kept): DriverStatement {
    const unnest = rows.length > 1 && columns.length > 0 ? this.dialect.unnest : undefined;
    const { on, update = [] } = conflict;
    const many = unnest === undefined ? rows.length : `many${kept ? ", kept" : ""}`;
    const shape = `${given} ${many} on ${on.map(indexOf)} set ${update.map(indexOf)} ${fetch}`;
    let text = this.#inserts.get(shape);
    if (text === undefined) {
      const writer = new SqlWriter(this.dialect);
      if (unnest === undefined) writeInsertRows(writer, this.table, columns, rows);
      else writer.write(this.#writeUnnest(unnest, columns));
      writeConflict(writer, conflict);
      const advances = advanceGenerated(this.dialect, this.table, columns);
      text = withKept(kept, writer.text + returning([...(fetch ? this.#itemsBut(kept, advances) : advances)]));
      this.#inserts.set(shape, text);
    }
    const values = unnest === undefined ? listOf(rows) : listsOf(unnest, rows, columns.length);
    return { text, values, access: "write", bigints: this.table.hasBigint };
  }

  /** What is asked back: all columns, then `others`; of those that may be kept nothing where they are, and at last whether. */
  #itemsBut(kept: Kept | undefined, others: readonly string[] = []): string[] {
    if (kept === undefined) return [...this.#all, ...others];
    const items = this.table.columns.map((column) =>
      kept.columns.includes(column) ? `case when not ${IS_KEPT} then ${column.qualified} end` : column.quoted,
    );
    return [...items, ...others, IS_KEPT];
  }

  /** One insert of many rows that give the same columns, as a list of values. */
  insertList({ columns, rows, shape: given }: RowList, fetch: boolean): DriverStatement {
    const shape = `${given} ${rows.length} ${fetch ? "" : "no rows"}`;
    let text = this.#inserts.get(shape);
    if (text === undefined) {
      const writer = new SqlWriter(this.dialect);
      writeInsertRows(writer, this.table, columns, rows);
      text = writer.text + returning(fetch ? this.#all : []);
      this.#inserts.set(shape, text);
    }
    return { text, values: listOf(rows), access: "write", bigints: this.table.hasBigint };
  }

  /**
   * One update of many rows that sets the same columns, out of one parameter per column; undefined where the engine can't.
   *
   * @param rows the values of the columns, and of the key after them
   */
  updateMany(
    columns: readonly TableColumn[],
    rows: readonly (readonly DriverValue[])[],
    withDeleted = false,
  ): DriverStatement | undefined {
    const { unnest } = this.dialect;
    if (unnest === undefined) return undefined;
    const shape = `${columns.map(indexOf).join()}many`;
    let text = this.#updates.get(shape);
    if (text === undefined) {
      text = this.#writeUpdateMany(unnest, columns);
      this.#updates.set(shape, text);
    }
    if (!withDeleted) text += this.#visible;
    return { text, values: listsOf(unnest, rows, columns.length + this.table.key.length), access: "write" };
  }

  /** Whether all of new rows is known without reading them back, but for a number that the database gives them. */
  isKnown({ columns }: RowList): boolean {
    // Drivers tell the last number as a number, which a bigint may not fit.
    if (this.dialect.numbered === undefined || this.table.generated?.type.kind === "bigint") return false;
    return this.table.columns.every((column) => columns.includes(column) || column === this.table.generated);
  }

  /** The rows that an insert of them made, the last of which got the number `lastId`, as a select would give them. */
  knownRows({ columns, rows }: RowList, lastId: number | bigint): readonly (readonly unknown[])[] {
    const { generated } = this.table;
    // All columns are in their order.
    if (generated === undefined || columns.length === this.table.columns.length) return rows;
    const first = Number(lastId) - rows.length + 1;
    // What is not given is the key that was generated.
    return rows.map((values, i) => values.toSpliced(generated.index, 0, first + i));
  }

  /** Lets generated keys go on after the greatest that was given; undefined where none was, or they do so anyway. */
  advanceGenerated(lists: readonly RowList[]): DriverStatement | undefined {
    const { generated, quoted } = this.table;
    if (generated === undefined || this.dialect.advanceGenerated("", "", "") === "") return undefined;
    let greatest: bigint | undefined;
    for (const { columns, rows } of lists) {
      const place = columns.indexOf(generated);
      for (const values of place < 0 ? [] : rows) {
        const value = values[place] ?? null;
        const key = value === null ? undefined : BigInt(value as number | bigint);
        if (key !== undefined && (greatest === undefined || key > greatest)) greatest = key;
      }
    }
    if (greatest === undefined) return undefined;
    const key = `${this.dialect.placeholder(1)}::bigint`;
    return { text: this.dialect.advanceGenerated(quoted, generated.name, key), values: [greatest], access: "write" };
  }

  #writeInsert(row: InsertRow, fetch: boolean): string {
    const writer = new SqlWriter(this.dialect);
    writeInsertRows(writer, this.table, row.columns, [row.values]);
    const items = [...(fetch ? this.#all : []), ...advanceGenerated(this.dialect, this.table, row.columns)];
    return writer.text + returning(items);
  }

  /** The rows are inserted in the order of the arrays, which is the order in which they are given back. */
  #writeUnnest({ arrayType, cast }: Unnest, columns: readonly TableColumn[]): string {
    const names = columns.map(({ quoted }) => quoted).join(", ");
    const items = columns.map((column, i) => `given.c${i}${cast(column)}`).join(", ");
    const arrays = columns.map((column, i) => `${this.dialect.placeholder(i + 1)}::${arrayType(column)}`).join(", ");
    const aliases = columns.map((_, i) => `c${i}`).join(", ");
    return (
      `insert into ${this.table.quoted} (${names}) select ${items} ` +
      `from unnest(${arrays}) with ordinality as given(${aliases}, place) order by given.place`
    );
  }

  #writeUpdateMany({ arrayType, cast }: Unnest, columns: readonly TableColumn[]): string {
    const { key, quoted } = this.table;
    const given = (column: TableColumn, i: number) => `given.c${i}${cast(column)}`;
    const sets = columns.map((column, i) => `${column.quoted} = ${given(column, i)}`);
    const isSame = key.map((column, i) => `${column.qualified} = ${given(column, columns.length + i)}`);
    const all = [...columns, ...key];
    const arrays = all.map((column, i) => `${this.dialect.placeholder(i + 1)}::${arrayType(column)}`);
    return (
      `update ${quoted} set ${sets.join(", ")} from unnest(${arrays.join(", ")}) ` +
      `as given(${all.map((_, i) => `c${i}`).join(", ")}) where ${isSame.join(" and ")}`
    );
  }

  #whereKey(before: number): string {
    return ` where ${this.#isKey(before)}`;
  }

  #isKey(before: number): string {
    const conditions = this.table.key.map(({ quoted }, i) => `${quoted} = ${this.dialect.placeholder(before + i + 1)}`);
    return conditions.join(" and ");
  }

  #whereListed(list: ListParameter, keys: readonly (readonly DriverValue[])[]): WhereKeys {
    const where = `${this.table.key[0]?.quoted}${list.in.before}${this.dialect.placeholder(1)}${list.in.after}`;
    return { where, values: [list.encode(keys.map(([key]) => key ?? null))] };
  }

  /** The last key is repeated, so that there are few texts for all numbers of keys, which the server keeps prepared. */
  #whereKeys(keys: readonly (readonly DriverValue[])[]): WhereKeys {
    const filled = Array.from(
      { length: 2 ** Math.ceil(Math.log2(keys.length)) },
      (_, i) => keys[i] ?? keys.at(-1) ?? [],
    );
    const conditions = filled.map((_, i) => `(${this.#isKey(i * this.table.key.length)})`);
    return { where: `(${conditions.join(" or ")})`, values: filled.flat() };
  }
}

const indexOf = ({ index }: TableColumn): number => index;

/** The values of rows, one after another. */
function listOf(rows: readonly (readonly DriverValue[])[]): DriverValue[] {
  // flatMap() takes several times as long.
  const values: DriverValue[] = [];
  for (const row of rows) for (const value of row) values.push(value);
  return values;
}

/** The values of rows, those of each column as one parameter. */
function listsOf(unnest: Unnest, rows: readonly (readonly DriverValue[])[], width: number): DriverValue[] {
  return Array.from({ length: width }, (_, place) => unnest.encode(rows, place));
}

/** Whether it is a key of one column, by itself. */
export function isPlainKey(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint";
}

const plans = new WeakMap<Table, Partial<Record<DialectName, TablePlans>>>();

/** The plans of a table for a dialect, made on first use. */
export function plansOf(table: Table, dialect: Dialect): TablePlans {
  let own = plans.get(table);
  if (own === undefined) {
    own = {};
    plans.set(table, own);
  }
  let made = own[dialect.name];
  if (made === undefined) {
    made = new TablePlans(table, dialect);
    own[dialect.name] = made;
  }
  return made;
}
