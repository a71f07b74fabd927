import type { DriverField, DriverValue } from "../drivers/driver.js";
import type { ColumnType } from "./column-type.js";
import { decimalSortKey } from "./decimal.js";
import type { Decoder } from "./decode.js";
import {
  type AggregateName,
  type AggregateUse,
  AS_IS,
  type BoundClause,
  COMPARED_AS_IS,
  type Dialect,
  type ListParameter,
  type PairClause,
} from "./dialect.js";
import { encodeUntypedScalar } from "./encode-untyped.js";
import { asText, encoderOf, type Forms } from "./encoder.js";
import { canonicalJson } from "./json.js";
import { sqliteDdl } from "./sqlite-ddl.js";
import { DECIMAL_KEY } from "./sqlite-functions.js";
import { sqlitePreview } from "./sqlite-preview.js";

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
  items.some((item) => typeof item === "bigint")
    ? `[${items.map((item) => (typeof item === "bigint" ? String(item) : JSON.stringify(item))).join(",")}]`
    : JSON.stringify(items);

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

/** Whether a key stands in a path of SQLite's as it is. */
const isPlainKey = (key: string): boolean => /^[\p{L}\p{N}_ .:-]+$/u.test(key);

/** A path as SQLite has it; undefined where a key has what can't stand in one. */
function plainPath(steps: readonly (string | number)[]): string | undefined {
  if (steps.some((step) => typeof step === "string" && !isPlainKey(step))) return undefined;
  const parts = steps.map((step) => (typeof step === "string" ? `."${step}"` : step < 0 ? `[#${step}]` : `[${step}]`));
  return `$${parts.join("")}`;
}

const NULLIF = { before: "nullif(", after: ", 'null')" };

const call = (name: string): PairClause => ({ before: `${name}(`, between: ", ", after: ")" });
/** A number is bound as a REAL, with which an integer would become one. */
const operators = (symbol: string, name: string) => ({
  integer: { before: "(", between: ` ${symbol} cast(`, after: " as integer))" },
  real: { before: "(", between: ` ${symbol} `, after: ")" },
  decimal: call(name),
});

const ARITHMETIC = {
  plus: operators("+", "rowkeeper_add"),
  minus: operators("-", "rowkeeper_subtract"),
  times: operators("*", "rowkeeper_multiply"),
};

const JSON_SCALARS = {
  text: ["(case when json_type(", ") = 'text' then json_extract(", ", '$') end)"],
  real: ["(case when json_type(", ") in ('integer', 'real') then cast(json_extract(", ", '$') as real) end)"],
  boolean: ["(case json_type(", ") when 'true' then 1 when 'false' then 0 end)"],
};

/** A null is no list, of which nothing is known; what is no list has no items. */
const holds = (item: string, before = ""): readonly string[] => [
  "(case when ",
  " is not null then exists (select 1 from json_each(",
  `) as item where json_type(`,
  `) = 'array' and ${item} = ${before}`,
];

/** An item of a list of JSON as the text that it was encoded to: numbers and booleans stand in the list as themselves. */
const JSON_ITEM = "(case item.type when 'text' then item.value else item.json -> item.fullkey end)";

/** An item that is a number as JavaScript has it: SQLite reads one without a fraction as an integer of 64 bits. */
const NUMBER_ITEM = "(case typeof(item.value) when 'integer' then cast(item.value as real) else item.value end)";

/** How an item of a list is compared. */
function itemOf({ kind }: ColumnType): string {
  if (kind === "real") return NUMBER_ITEM;
  return kind === "json" ? JSON_ITEM : "item.value";
}

const AGGREGATES: Record<AggregateName, string> = {
  sum: "sum",
  avg: "avg",
  min: "min",
  max: "max",
  stringAgg: "group_concat",
};

/** Numerics are text, and sums of 64-bit integers may need more bits: functions of rowkeeper's own are exact. */
function aggregateCall(name: AggregateName, { kind }: ColumnType, use: AggregateUse): string {
  const isSum = name === "sum" || name === "avg";
  if (kind === "numeric" && isSum && use === "distinct") return `rowkeeper_${name}_distinct(`;
  const distinct = use === "distinct" ? "distinct " : "";
  if ((kind === "numeric" || kind === "bigint") && isSum) return `rowkeeper_${name}(${distinct}`;
  if (kind === "numeric" && name !== "stringAgg") return `rowkeeper_${use === "window" ? "" : "group_"}${name}(`;
  return `${AGGREGATES[name]}(${distinct}`;
}

const around = (before: string, after: string): BoundClause => ({ before, after });

export const sqliteDialect: Dialect = {
  name: "sqlite",
  placeholder: () => "?",
  numbersPlaceholders: false,

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

  lower: around("rowkeeper_lower(", ")"),
  position: "instr",
  arithmetic: (operator, as) => ARITHMETIC[operator][as],

  assignment(type) {
    if (type.kind === "integer") return around("rowkeeper_integer(", ")");
    if (type.kind !== "numeric") return AS_IS;
    return around("rowkeeper_numeric(", `, ${type.precision ?? null}, ${type.scale ?? null})`);
  },

  jsonPath(steps) {
    const path = plainPath(steps);
    return path === undefined
      ? {
          before: "nullif(rowkeeper_json(",
          parts: [{ before: ", ", value: JSON.stringify(steps), after: ")" }],
          after: NULLIF.after,
        }
      : { ...NULLIF, parts: [{ before: " -> ", value: path, after: "" }] };
  },

  jsonScalar: (kind) => JSON_SCALARS[kind],

  jsonHolds(value) {
    if (typeof value === "boolean") return { around: holds("item.type"), bound: String(value), after: ") end)" };
    const item =
      typeof value === "string"
        ? "item.type = 'text' and item.value"
        : `item.type in ('integer', 'real') and ${NUMBER_ITEM}`;
    return { around: holds(item), bound: value, after: ") end)" };
  },

  listHolds(item) {
    const { column, value } = sqliteDialect.comparison(item, "equality");
    const around = holds(`${column.before}${itemOf(item)}${column.after}`, value.before);
    return { around, after: `${value.after}) end)` };
  },

  listItem: (item) =>
    typeof item === "string" || (typeof item === "number" && Number.isFinite(item)) ? item : asText(item),
  listSize: (kind) =>
    kind === "array"
      ? ["json_array_length(", ")"]
      : ["(case when json_type(", ") = 'array' then json_array_length(", ") end)"],

  aggregate: (name, type, use) => ({ call: aggregateCall(name, type, use), argument: AS_IS, result: AS_IS }),
  ordersByPlace: false,

  // Of a written limit it takes sorting to be cheap, and passes over an index that gives the first rows at once.
  bindsOrderedLimits: true,
  // For each value of a limit that is a parameter and nothing else, SQLite prepares the statement anew, which takes 5 µs.
  afterLimit: " + 0",
  noLimit: " limit -1",
  nulls: (_direction, _nullable, wanted) => (wanted === undefined ? "" : ` nulls ${wanted}`),
  lock: () => "",
  explain: "explain query plan ",
  explaining: ({ text, values }) => ({ text: `explain query plan ${text}`, values }),
  planText,
  // Reads the file, which `select 1` would not.
  ping: "select count(*) from sqlite_schema where false",
  listParameter,
  mergesFinds: false,
  unnest: undefined,
  numbered: {
    rows: 50,
    countExceptions:
      "select count(*) from (select * from sqlite_schema union all select * from sqlite_temp_schema) " +
      "where tbl_name = ? collate nocase and (type = 'trigger' or sql like '%conflict%' or sql like '%collate%')",
  },
  advanceGenerated: () => "",
  ddl: sqliteDdl,
  preview: sqlitePreview,
};

/** The rows (id, parent, not used, detail) as a tree, indented. */
function planText(rows: readonly (readonly unknown[])[]): string {
  const depths = new Map<unknown, number>();
  const lines = rows.map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1;
    depths.set(id, depth);
    return `${"  ".repeat(depth)}${detail}`;
  });
  return lines.join("\n");
}
