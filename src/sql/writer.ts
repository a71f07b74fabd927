import { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import type { BoundClause, Dialect } from "./dialect.js";

/** A piece of SQL that is written for whichever dialect runs it. It may stand in `sql` text as a value: it is written there. */
export abstract class Expression {
  /** Tells the compiler that nothing else is an expression, whatever its members. */
  declare protected readonly isExpression: true;

  /** @internal */
  abstract writeTo(writer: SqlWriter): void;
}

/** A select that stands in another statement, in parentheses. */
export abstract class Subquery extends Expression {
  /** The select of its one column without parentheses, each value between the parts of a clause. @internal */
  abstract writeValues(writer: SqlWriter, around: BoundClause): void;
}

/** Whether a value is written as SQL, and not bound. */
export function isExpression(value: unknown): value is Expression | Sql {
  return value instanceof Expression || value instanceof Sql;
}

/** Collects the text of one statement and its values. */
export class SqlWriter {
  text = "";
  readonly values: DriverValue[] = [];

  constructor(readonly dialect: Dialect) {}

  write(text: string): this {
    this.text += text;
    return this;
  }

  /** Binds a value that is encoded already. */
  bind(value: DriverValue): this {
    this.values.push(value);
    return this.write(this.dialect.placeholder(this.values.length));
  }

  /** An expression, `sql` text, or a value to bind. */
  operand(value: unknown): this {
    if (value instanceof Expression) value.writeTo(this);
    else if (value instanceof Sql) this.sql(value);
    else this.bind(this.dialect.encodeUntyped(value));
    return this;
  }

  sql(fragment: Sql): this {
    fragment.strings.forEach((text, i) => {
      this.write(text);
      if (i < fragment.values.length) this.operand(fragment.values[i]);
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
