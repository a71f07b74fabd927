import type { ValueInfo } from "./value-info.js";
import { Expression, type SqlWriter } from "./writer.js";

/** A value by which rows are put together: those with equal ones, as comparisons see them. */
export class Group extends Expression {
  constructor(readonly value: ValueInfo) {
    super();
  }

  /** @internal */
  writeTo(writer: SqlWriter): void {
    const { before, after } = writer.dialect.comparison(this.value.codec.type, "equality").column;
    writer.write(before);
    this.value.writeTo(writer);
    writer.write(after);
  }
}
