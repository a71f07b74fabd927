import type { DriverValue } from "../drivers/driver.js";
import { type ColumnKind, type ColumnType, isTextKind } from "./column-type.js";
import { type Decoder, decodingOf } from "./decode.js";
import {
  type AggregateCall,
  type AggregateName,
  type AggregateUse,
  AS_IS,
  COMPARED_AS_IS,
  type Comparison,
  type Dialect,
} from "./dialect.js";
import { encodeUntypedScalar } from "./encode-untyped.js";
import { asText, encoderOf, type Forms } from "./encoder.js";
import { arrayLiteral, columnLiteral } from "./postgres-array.js";
import { postgresDdl, postgresType, quoteLiteral } from "./postgres-ddl.js";
import { keepsGiven } from "./postgres-kept.js";
import { postgresPreview } from "./postgres-preview.js";

/** The OIDs of the types, and of their arrays, as every PostgreSQL has them. */
const OIDS: Record<Exclude<ColumnKind, "array">, { types: readonly number[]; array: number }> = {
  integer: { types: [23, 21], array: 1007 },
  bigint: { types: [20], array: 1016 },
  real: { types: [701, 700], array: 1022 },
  numeric: { types: [1700], array: 1231 },
  text: { types: [25, 1043, 1042, 19], array: 1009 },
  varchar: { types: [1043, 25], array: 1015 },
  oneOf: { types: [25, 1043], array: 1009 },
  boolean: { types: [16], array: 1000 },
  timestamp: { types: [1184, 1114], array: 1185 },
  date: { types: [1082], array: 1182 },
  uuid: { types: [2950], array: 2951 },
  json: { types: [3802, 114], array: 3807 },
  bytes: { types: [17], array: 1001 },
};

const decodeBigCount: Decoder = (raw) => {
  const number = Number(raw);
  return Number.isSafeInteger(number) ? number : BigInt(String(raw));
};

/** How the values of a user's own SQL are read, by the type's OID; a 64-bit integer is a number where it is exact. */
const UNTYPED = new Map<number | undefined, Decoder>([[20, decodeBigCount]]);
for (const kind of ["integer", "real", "boolean", "timestamp", "json", "bytes"] as const) {
  const { decode } = decodingOf({ kind });
  for (const oid of OIDS[kind].types) if (decode !== undefined) UNTYPED.set(oid, decode);
}
for (const kind of [
  "integer",
  "bigint",
  "real",
  "text",
  "boolean",
  "timestamp",
  "date",
  "uuid",
  "json",
  "bytes",
] as const) {
  const { decode } = decodingOf({ kind: "array", element: { kind }, nullableElements: true });
  if (decode !== undefined) UNTYPED.set(OIDS[kind].array, decode);
}

function oidsOf(type: ColumnType): readonly number[] {
  if (type.kind !== "array") return OIDS[type.kind].types;
  return type.element.kind === "array" ? [] : [OIDS[type.element.kind].array];
}

const FORMS: Forms = {
  true: "t",
  false: "f",
  list: (items, encode) => arrayLiteral(items.map((item) => (item === null ? null : asText(encode(item))))),
};

const asArray = (items: readonly DriverValue[]): string =>
  arrayLiteral(items.map((item) => (item === null ? null : asText(item))));

/**
 * By code points, as SQLite compares text; tables made by createAll have this collation already. The cast is nothing to
 * text, and is there for enums and the like, which tables of other programs have, and which take no collation.
 */
const BY_CODE_POINTS: Comparison = { ...COMPARED_AS_IS, column: { before: "", after: '::text collate "C"' } };

const LIST = {
  in: { before: " = any(", after: ")" },
  notIn: { before: " <> all(", after: ")" },
  encode: asArray,
};

const SYMBOLS = { plus: " + ", minus: " - ", times: " * " };
const CASTS = { integer: "::bigint", real: "", decimal: "::numeric" };

const JSON_SCALARS = {
  text: ["(case when jsonb_typeof(", ") = 'string' then (", " #>> '{}') end)"],
  real: ["(case when jsonb_typeof(", ") = 'number' then (", " #>> '{}')::float8 end)"],
  boolean: ["(case when jsonb_typeof(", ") = 'boolean' then (", " #>> '{}')::boolean end)"],
};

/** A path in the language of SQL/JSON: `strict $."a"[0][last]`. */
function strictPath(steps: readonly (string | number)[]): string {
  const parts = steps.map((step) => {
    if (typeof step === "string") return `.${JSON.stringify(step)}`;
    return step < 0 ? `[last - ${-step - 1}]` : `[${step}]`;
  });
  return `strict $${parts.join("")}`;
}

const AGGREGATES: Record<AggregateName, string> = {
  sum: "sum",
  avg: "avg",
  min: "min",
  max: "max",
  stringAgg: "string_agg",
};

function aggregate(name: AggregateName, { kind }: ColumnType, use: AggregateUse): AggregateCall {
  const distinct = use === "distinct" ? "distinct " : "";
  const call = { call: `${AGGREGATES[name]}(${distinct}`, argument: AS_IS, result: AS_IS };
  // As SQLite does: of integers and reals a double, of the others a decimal.
  if (name === "avg" && (kind === "integer" || kind === "real")) return { ...call, argument: cast("::float8") };
  if (name !== "min" && name !== "max") return call;
  if (isTextKind(kind)) return { ...call, argument: BY_CODE_POINTS.column };
  if (kind === "boolean") return { ...call, call: name === "min" ? "bool_and(" : "bool_or(" };
  if (kind === "uuid") return { ...call, argument: cast("::text"), result: { before: "(", after: ")::uuid" } };
  if (kind !== "bytes") return call;
  return {
    ...call,
    argument: { before: "encode(", after: ", 'hex') collate \"C\"" },
    result: { before: "decode(", after: ", 'hex')" },
  };
}

const cast = (after: string) => ({ before: "", after });

export const postgresDialect: Dialect = {
  name: "postgres",
  placeholder: (position) => `$${position}`,
  numbersPlaceholders: true,

  encoder: (type) => encoderOf(type, FORMS),

  encodeUntyped(value) {
    if (typeof value === "boolean") return value ? "t" : "f";
    if (Array.isArray(value)) return asArray(value.map((item) => postgresDialect.encodeUntyped(item)));
    return encodeUntypedScalar(value);
  },

  untypedDecoder: (field) => UNTYPED.get(field.type),

  isColumn: (field, _table, _column, type) => field.type !== undefined && oidsOf(type).includes(field.type),

  comparison: (type, use) => (use === "order" && isTextKind(type.kind) ? BY_CODE_POINTS : COMPARED_AS_IS),

  match: { before: "::text like ", after: "" },
  matchPattern(kind, text) {
    const literal = text.replace(/[%_\\]/g, "\\$&");
    return `${kind === "startsWith" ? "" : "%"}${literal}${kind === "endsWith" ? "" : "%"}`;
  },

  lower: { before: "lower((", after: ')::text collate "und-x-icu")' },
  position: "strpos",

  arithmetic(operator, as) {
    return { before: "(", between: `${CASTS[as]}${SYMBOLS[operator]}`, after: ")" };
  },

  assignment: () => AS_IS,

  jsonPath(steps) {
    const after = ", 'null'::jsonb)";
    if (steps.every((step) => typeof step === "string"))
      return { before: "nullif(", parts: steps.map((value) => ({ before: " -> ", value, after: "::text" })), after };
    // `->` takes a scalar for a list of one; a strict path doesn't.
    const path = { before: ", ", value: strictPath(steps), after: "::jsonpath, '{}', true)" };
    return { before: "nullif(jsonb_path_query_first(", parts: [path], after };
  },

  jsonScalar: (kind) => JSON_SCALARS[kind],
  jsonHolds: (value) => ({ around: ["(", " @> "], bound: JSON.stringify([value]), after: "::jsonb)" }),
  // Of the list's own type, whatever that is.
  listHolds: () => ({ around: ["(", " @> "], after: ")" }),
  listItem: (item) => asArray([item]),
  listSize: (kind) =>
    kind === "array"
      ? ["cardinality(", ")"]
      : ["(case when jsonb_typeof(", ") = 'array' then jsonb_array_length(", ") end)"],
  aggregate,
  ordersByPlace: true,

  bindsOrderedLimits: false,
  afterLimit: "",
  noLimit: "",

  nulls(direction, nullable, wanted) {
    const placed = wanted ?? (nullable ? (direction === "asc" ? "first" : "last") : undefined);
    return placed === undefined ? "" : ` nulls ${placed}`;
  },

  lock: (strength) => ` for ${strength}`,
  explain: "explain ",
  // A plan for values would show them.
  explaining: ({ text }) => ({ text: `explain (format text, generic_plan) ${text}`, values: [] }),
  planText: (rows) => rows.map(([line]) => String(line)).join("\n"),
  ping: "select 1",
  // PostgreSQL has no lists of lists: an array of arrays is one array of more dimensions.
  listParameter: (type) => (type.kind === "array" ? undefined : LIST),
  mergesFinds: true,

  unnest: {
    // An array of arrays would be taken apart to its items, so lists of lists go as text.
    arrayType: ({ type, settings }) =>
      `${type.kind === "array" ? "text" : (settings.postgresType ?? postgresType(type))}[]`,
    cast: ({ type, settings }) => (type.kind === "array" ? `::${settings.postgresType ?? postgresType(type)}` : ""),
    keeps: keepsGiven,
    encode: (rows, place) => columnLiteral(rows, place, asText),
  },

  numbered: undefined,

  advanceGenerated(table, column, key) {
    const sequence = `pg_get_serial_sequence(${quoteLiteral(table)}, ${quoteLiteral(column)})::regclass`;
    // A select by itself, which depends on no row, so that it runs once for all rows of a statement.
    const own = `select s from (select ${sequence} as s) as found where has_sequence_privilege(s, 'update')`;
    return (
      `select setval(s, ${key}) from (select (${own}) as s) as own ` +
      `where s is not null and ${key} > coalesce(pg_sequence_last_value(s), 0)`
    );
  },

  ddl: postgresDdl,
  preview: postgresPreview,
};
