import type { DriverField, DriverValue } from "../drivers/driver.js";
import type { ColumnType } from "./column-type.js";
import { decimalSortKey } from "./decimal.js";
import type { Decoder } from "./decode.js";
import { COMPARED_AS_IS, type Dialect, type ListParameter } from "./dialect.js";
import { encodeUntypedScalar } from "./encode-untyped.js";
import { asText, encoderOf, type Forms } from "./encoder.js";
import { canonicalJson } from "./json.js";
import { sqliteDdl } from "./sqlite-ddl.js";
import { sqlitePreview } from "./sqlite-preview.js";

/** The SQL function that makes decimals comparable; connections get it from `sqliteFunctions`. */
const DECIMAL_KEY = "rowkeeper_decimal";

/** The SQL functions that the dialect's text calls. */
export const sqliteFunctions = {
  [DECIMAL_KEY]: (text: unknown): unknown => (text === null ? null : decimalSortKey(String(text))),
};

const AS_DECIMAL = { before: `${DECIMAL_KEY}(`, after: ")" };

const isScaled = (type: ColumnType): boolean => type.kind === "numeric" && type.precision !== undefined;

const FORMS: Forms = {
  true: 1,
  false: 0,
  list: (items, encode) => JSON.stringify(items.map((item) => jsonItem(item, encode))),
};

/** An array's item in JSON: numbers and booleans as they are, all else as text. */
function jsonItem(item: unknown, encode: (item: unknown) => DriverValue): unknown {
  if (item === null || typeof item === "boolean" || (typeof item === "number" && Number.isFinite(item))) return item;
  return asText(encode(item));
}

const asJsonList = (items: readonly DriverValue[]): string =>
  `[${items.map((item) => (typeof item === "bigint" ? String(item) : JSON.stringify(item))).join(",")}]`;

const jsonList = (encodeItems: (items: readonly DriverValue[]) => DriverValue): ListParameter => ({
  in: { before: " in (select value from json_each(", after: "))" },
  notIn: { before: " not in (select value from json_each(", after: "))" },
  encode: encodeItems,
});

const LIST = jsonList(asJsonList);
const DECIMAL_LIST = jsonList((items) => asJsonList(items.map((item) => decimalSortKey(String(item)))));

function listParameter(type: ColumnType): ListParameter | undefined {
  // JSON can't hold bytes, and SQLite may read a JSON number one bit off.
  if (type.kind === "bytes" || type.kind === "real") return undefined;
  return type.kind === "numeric" && !isScaled(type) ? DECIMAL_LIST : LIST;
}

const decodeUntyped: Decoder = (raw) => {
  if (typeof raw === "bigint") return Number.isSafeInteger(Number(raw)) ? Number(raw) : raw;
  return raw instanceof Uint8Array ? new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength) : raw;
};

export const sqliteDialect: Dialect = {
  name: "sqlite",
  placeholder: () => "?",

  encoder: (type) => encoderOf(type, FORMS),

  encodeUntyped(value) {
    if (typeof value === "boolean") return value ? 1 : 0;
    if (Array.isArray(value)) return canonicalJson(value, "a list");
    return encodeUntypedScalar(value);
  },

  untypedDecoder: () => decodeUntyped,

  isColumn: (field: DriverField, table, column) => field.table === table && field.column === column,

  comparison(type, use) {
    if (type.kind !== "numeric" || (use === "equality" && isScaled(type))) return COMPARED_AS_IS;
    return { column: AS_DECIMAL, value: AS_DECIMAL };
  },

  // GLOB tells capitals apart and can use an index for what starts with a text.
  match: { before: " glob ", after: "" },
  matchPattern(kind, text) {
    const literal = text.replace(/[*?[]/g, "[$&]");
    return `${kind === "startsWith" ? "" : "*"}${literal}${kind === "endsWith" ? "" : "*"}`;
  },

  noLimit: " limit -1",
  nulls: (_direction, _nullable, wanted) => (wanted === undefined ? "" : ` nulls ${wanted}`),
  lock: () => "",
  explain: "explain query plan ",
  listParameter,
  unnest: undefined,
  numbered: {
    rows: 50,
    countTriggers:
      "select count(*) from (select type, tbl_name from sqlite_schema union all select type, tbl_name from sqlite_temp_schema) " +
      "where type = 'trigger' and tbl_name = ? collate nocase",
  },
  advanceGenerated: () => "",
  ddl: sqliteDdl,
  preview: sqlitePreview,
};
