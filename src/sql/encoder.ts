import type { DriverValue } from "../drivers/driver.js";
import { checkerOf } from "./check-value.js";
import type { ColumnType } from "./column-type.js";
import type { Encoder } from "./dialect.js";
import { canonicalJson } from "./json.js";

/** How a dialect sends what others send in another form. */
export interface Forms {
  readonly true: DriverValue;
  readonly false: DriverValue;
  /** A list, of whose items `encode` gives the form that each would have by itself. */
  list(items: readonly unknown[], encode: (item: unknown) => DriverValue): DriverValue;
}

/** What checks the values of a type, and gives them as the driver takes them; made once for a column. */
export function encoderOf(type: ColumnType, forms: Forms): Encoder {
  const check = checkerOf(type);
  switch (type.kind) {
    case "json":
      return canonicalJson;
    case "timestamp":
      return (value, name) => (check(value, name) as Date).toISOString();
    case "boolean":
      return (value, name) => (check(value, name) ? forms.true : forms.false);
    case "array": {
      const encodeItem = encoderOf(type.element, forms);
      return (value, name) => forms.list(check(value, name) as unknown[], (item) => encodeItem(item, name));
    }
    default:
      return check as Encoder;
  }
}

/** A value as text where only text can stand: bytes in PostgreSQL's form for them. */
export function asText(value: DriverValue): string {
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : String(value);
}
