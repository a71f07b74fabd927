import type { DialectName, DriverValue } from "../drivers/driver.js";
import { type Checker, checkerOf } from "./check-value.js";
import type { ColumnType } from "./column-type.js";
import { decimalSortKey } from "./decimal.js";
import { type Decoder, decodingOf } from "./decode.js";
import type { Dialect, Encoder } from "./dialect.js";

/** What of a codec differs from that of its type's columns. */
interface Deviation {
  readonly check?: Checker;
  readonly decode?: Decoder;
  /** The type as which values are sent, where it takes more of them. */
  readonly sentAs?: ColumnType;
  /** Gives a checked value as a column of the type would have it. */
  readonly toColumn?: (value: unknown) => unknown;
}

/** How values are checked, sent and read: those of a column, or of an expression. */
export class Codec {
  readonly decode: Decoder | undefined;
  /** Whether the value can be changed in place; it is decoded once and kept, so that such a change is not lost. */
  readonly isObject: boolean;
  /** Gives a value as the database would give it back. @throws TypeError (with the name) for one that can't be held */
  readonly check: Checker;
  readonly #sentAs: ColumnType;
  readonly #toColumn: ((value: unknown) => unknown) | undefined;
  readonly #encoders: Partial<Record<DialectName, Encoder>> = {};

  constructor(
    readonly type: ColumnType,
    deviation: Deviation = {},
  ) {
    const { decode, isObject } = decodingOf(type);
    this.decode = deviation.decode ?? decode;
    this.isObject = isObject;
    this.check = deviation.check ?? checkerOf(type);
    this.#sentAs = deviation.sentAs ?? type;
    this.#toColumn = deviation.toColumn;
  }

  /** A value as the driver takes it. @throws TypeError for a value that can't be held */
  encode(dialect: Dialect, value: unknown, name: string): DriverValue {
    if (value === null) return null;
    const encoder = this.#encoders[dialect.name] ?? this.#makeEncoder(dialect);
    return encoder(value, name);
  }

  /**
   * A value to compare with, as the driver takes it: of a decimal also the digits that a column would round away, as
   * "9.995" is less than "10.00".
   *
   * @throws TypeError for a value that can't be held
   */
  encodeOperand(dialect: Dialect, value: unknown, name: string): DriverValue {
    const isRounded = this.type.kind === "numeric" && this.type.precision !== undefined && typeof value === "string";
    if (!isRounded || decimalSortKey(value) === decimalSortKey(String(this.check(value, name)))) {
      return this.encode(dialect, value, name);
    }
    return dialect.encoder({ kind: "numeric", precision: undefined, scale: undefined })(value, name);
  }

  #makeEncoder(dialect: Dialect): Encoder {
    const toColumn = this.#toColumn;
    const plain = dialect.encoder(this.#sentAs);
    const encoder: Encoder =
      toColumn === undefined ? plain : (value, name) => plain(toColumn(this.check(value, name)), name);
    this.#encoders[dialect.name] = encoder;
    return encoder;
  }
}
