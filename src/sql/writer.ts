import { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import type { ColumnKind } from "./column-type.js";
import type { BoundClause, Dialect } from "./dialect.js";
import { NamedSql } from "./named-text.js";
import { sqliteDialect } from "./sqlite-dialect.js";

/** A piece of SQL that is written for whichever dialect runs it. It may stand in `sql` text as a value: it is written there. */
export abstract class Expression {
  /** Tells the compiler that nothing else is an expression, whatever its members. */
  declare protected readonly isExpression: true;

  /** @internal */
  abstract writeTo(writer: SqlWriter): void;

  /** @internal */
  [INSPECT](): string {
    return shown(this, (writer) => this.writeTo(writer));
  }
}

/**
 * What is shown of SQL that is written: its text, with placeholders for values. Which engine will run it isn't known; it is
 * that of SQLite. What can't be written yet, as an update that sets nothing so far, is shown by its class.
 */
export function shown(what: object, write: (writer: SqlWriter) => void): string {
  const writer = new SqlWriter(sqliteDialect);
  try {
    write(writer);
    return writer.text;
  } catch {
    return `[${what.constructor.name}]`;
  }
}

/** A select that stands in another statement, in parentheses. */
export abstract class Subquery extends Expression {
  /** What its one column holds; undefined of SQL text. @internal */
  abstract get kind(): ColumnKind | undefined;

  /** The select of its one column without parentheses, each value between the parts of a clause. @internal */
  abstract writeValues(writer: SqlWriter, around: BoundClause): void;
}

/** Whether a value is written as SQL, and not bound. */
export function isExpression(value: unknown): value is Expression | Sql {
  return value instanceof Expression || value instanceof Sql;
}

/** The way from a table of a statement to another, over relations each of which gives one row at most. */
export interface TablePath {
  /** The name that the statement has for the table where it starts. */
  readonly root: string;
  /** What joins the tables of its steps, in their order. It binds no values, as the next doesn't. */
  joins(dialect: Dialect): readonly string[];
  /** A select of a column of its end, in parentheses. */
  select(dialect: Dialect, column: string): string;
}

/** The rows of a table that stands in a statement twice: in a select of their own, what is said of the table is about them. */
export interface InnerRows {
  /** The name of the table further out. */
  readonly outer: string;
  /** Their own. */
  readonly name: string;
  /** A column of them, or of the end of the same path from them. */
  column(property: string, path: TablePath | undefined): Written;
}

/** What has SQL of its own. */
interface Written {
  writeTo(writer: SqlWriter): void;
}

/** A select that is being written. */
export interface SelectBlock {
  /** Of the tables that it reads. */
  readonly names: readonly string[];
  /** Those that conditions on its rows are about. */
  inner: InnerRows | undefined;
  /** The select that it stands in. */
  readonly outer: SelectBlock | undefined;
  /** Whether what is being written can name a table that is joined after all others. */
  canJoin: boolean;
  /** Where its from clause ends, once that is written. */
  end: number;
  /** What joins the tables at the ends of paths; undefined where there are none. */
  joins: Set<string> | undefined;
}

const meaningOf = (value: unknown): string => `\0${typeof value} ${String(value)}\0`;

/** Collects the text of one statement and its values. */
export class SqlWriter {
  text = "";
  readonly values: DriverValue[] = [];
  /** What has been written since the outermost `repeatable` began, with the values in place of their placeholders. */
  #meaning: string | undefined;
  readonly #written = new Map<string, string>();
  /** The innermost select that is being written. */
  #block: SelectBlock | undefined;

  constructor(readonly dialect: Dialect) {}

  write(text: string): this {
    this.text += text;
    if (this.#meaning !== undefined) this.#meaning += text;
    return this;
  }

  /** Binds a value that is encoded already. */
  bind(value: DriverValue): this {
    this.values.push(value);
    this.text += this.dialect.placeholder(this.values.length);
    if (this.#meaning !== undefined) this.#meaning += meaningOf(value);
    return this;
  }

  /** Binds the value of a named parameter, or writes the placeholder by which it is bound already. */
  #named(name: string, value: unknown, places: Map<string, number>): void {
    const place = places.get(name);
    if (place === undefined) {
      this.operand(value);
      places.set(name, this.values.length);
      return;
    }
    this.text += this.dialect.placeholder(place);
    if (this.#meaning !== undefined) this.#meaning += meaningOf(this.values[place - 1]);
  }

  /**
   * Writes what may stand in the statement more than once: selected, grouped by, ordered by. Where placeholders are
   * numbered, the same text with the same values has the same placeholders each time, or the engine would not know it again.
   */
  repeatable(write: (writer: SqlWriter) => void): this {
    if (!this.dialect.numbersPlaceholders) {
      write(this);
      return this;
    }
    const [start, bound, outer] = [this.text.length, this.values.length, this.#meaning];
    this.#meaning = "";
    write(this);
    const meaning = this.#meaning;
    this.#meaning = outer === undefined ? undefined : outer + meaning;
    const known = this.#written.get(meaning);
    if (known === undefined) this.#written.set(meaning, this.text.slice(start));
    else {
      this.text = this.text.slice(0, start) + known;
      this.values.length = bound;
    }
    return this;
  }

  /** Begins a select of these tables. */
  enter(names: readonly string[]): SelectBlock {
    this.#block = { names, inner: undefined, outer: this.#block, canJoin: true, end: 0, joins: undefined };
    return this.#block;
  }

  /** Ends the innermost select: what its paths led to is joined. Whether anything was. */
  leave({ outer, joins, end }: SelectBlock): boolean {
    this.#block = outer;
    if (joins === undefined) return false;
    const text = [...joins].join("");
    this.text = this.text.slice(0, end) + text + this.text.slice(end);
    if (this.#meaning !== undefined) this.#meaning += text;
    return true;
  }

  /**
   * The rows of a select that a table's name means in it, where they have another.
   *
   * @throws UsageError where a select within that one has rows of the same name
   */
  innerRows(name: string): InnerRows | undefined {
    const names: string[] = [];
    for (let block = this.#block; block !== undefined; block = block.outer) {
      if (block.inner?.outer === name) {
        if (!names.includes(block.inner.name)) return block.inner;
        throw new UsageError(
          `a relation of ${name} stands within itself: give the conditions of the inner as an object`,
        );
      }
      if (block.names.includes(name)) return undefined;
      names.push(...block.names);
    }
    return undefined;
  }

  /**
   * A column of the table at the end of a path. The select that the path starts in joins the table; what is no select, or
   * can't name the table here, has a select of the column.
   */
  column(path: TablePath, column: string): this {
    let block = this.#block;
    while (block !== undefined && !block.names.includes(path.root)) block = block.outer;
    if (!block?.canJoin) return this.write(path.select(this.dialect, column));
    block.joins ??= new Set();
    for (const join of path.joins(this.dialect)) block.joins.add(join);
    return this.write(column);
  }

  /** An expression, `sql` text, or a value to bind. */
  operand(value: unknown): this {
    if (value instanceof Expression) value.writeTo(this);
    else if (value instanceof Sql) this.sql(value);
    else this.bind(this.dialect.encodeUntyped(value));
    return this;
  }

  sql(fragment: Sql): this {
    const { values } = fragment;
    const names = fragment instanceof NamedSql && this.dialect.numbersPlaceholders ? fragment.names : undefined;
    const places = new Map<string, number>();
    fragment.strings.forEach((text, i) => {
      this.write(text);
      if (i >= values.length) return;
      const name = names?.[i];
      if (name === undefined || isExpression(values[i])) this.operand(values[i]);
      else this.#named(name, values[i], places);
    });
    return this;
  }

  /** The texts, with what `each` writes between one and the next. */
  between(texts: readonly string[], each: () => void): this {
    texts.forEach((text, i) => {
      if (i > 0) each();
      this.write(text);
    });
    return this;
  }

  list<T>(items: readonly T[], separator: string, each: (item: T) => void): this {
    items.forEach((item, i) => {
      if (i > 0) this.write(separator);
      each(item);
    });
    return this;
  }
}
