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
      return (value, name) => isoText(check(value, name) as Date);
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

const DAY = 86_400_000;
const TWO_DIGITS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));

/** The day of the last text, in days since 1970, and the text's beginning. */
let day = Number.NaN;
let dayText = "";
/** The last time, and its text: rows that are made together mostly share one. */
let lastTime = Number.NaN;
let lastText = "";

/** What `toISOString()` gives, for years of four digits; of times of one day, in a third of the time. */
function isoText(date: Date): string {
  const time = date.getTime();
  if (time === lastTime) return lastText;
  lastTime = time;
  const ownDay = Math.floor(time / DAY);
  if (ownDay !== day) {
    dayText = date.toISOString().slice(0, "YYYY-MM-DDT".length);
    day = ownDay;
  }
  const milliseconds = time - ownDay * DAY;
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const fraction = milliseconds % 1000;
  const clock = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`;
  lastText = `${dayText}${clock}.${Math.floor(fraction / 100)}${TWO_DIGITS[fraction % 100]}Z`;
  return lastText;
}

/** A value as text where only text can stand: bytes in PostgreSQL's form for them. */
export function asText(value: DriverValue): string {
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : String(value);
}
