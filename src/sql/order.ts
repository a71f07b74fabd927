import { isOrderedKind } from "./column-type.js";
import type { ValueInfo } from "./value-info.js";
import { Expression, type SqlWriter } from "./writer.js";

export interface OrderOptions {
  /** Where nulls come; by default they are smaller than every value. */
  readonly nulls?: "first" | "last";
}

/** One item of an `order by`. */
export class Order extends Expression {
  /** @internal */
  constructor(
    readonly value: ValueInfo,
    readonly direction: "asc" | "desc",
    readonly nulls?: "first" | "last",
  ) {
    super();
    const { kind } = value.codec.type;
    if (!isOrderedKind(kind)) throw new TypeError(`${value.label} holds ${kind}, which has no order`);
    if (nulls !== undefined && nulls !== "first" && nulls !== "last")
      throw new TypeError('nulls come "first" or "last"');
  }

  /** The opposite order, nulls included. */
  reversed(): Order {
    const nulls = this.nulls === undefined ? undefined : this.nulls === "first" ? "last" : "first";
    return new Order(this.value, this.direction === "asc" ? "desc" : "asc", nulls);
  }

  /** @internal */
  writeTo(writer: SqlWriter): void {
    const { before, after } = writer.dialect.comparison(this.value.codec.type, "order").column;
    writer.write(before);
    this.value.writeTo(writer);
    this.writeDirection(writer.write(after));
  }

  /** What follows the value. @internal */
  writeDirection(writer: SqlWriter): void {
    if (this.direction === "desc") writer.write(" desc");
    writer.write(writer.dialect.nulls(this.direction, this.value.nullable, this.nulls));
  }
}
