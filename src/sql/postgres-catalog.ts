import {
  actionOf,
  type CatalogColumn,
  type CatalogDialect,
  type CatalogForeignKey,
  type CatalogIndex,
  type CatalogIndexItem,
  computedBy,
  jsonList,
  literalDefault,
  sqlOf,
} from "./catalog.js";
import type { ColumnDefault } from "./column-default.js";
import type { ColumnType } from "./column-type.js";
import { madeName } from "./made-name.js";
import { typeNamed } from "./type-name.js";

type ColumnRow = readonly [
  name: string,
  type: string,
  underDomain: string | null,
  labels: readonly string[] | null,
  isNotNull: boolean,
  fallback: string | null,
  identity: string,
  generated: string,
  sequence: string | null,
];

type ConstraintRow = readonly [
  name: string,
  kind: "p" | "u" | "c" | "f",
  columns: readonly string[] | null,
  check: string | null,
  schema: string | null,
  table: string | null,
  referred: readonly string[] | null,
  onUpdate: string,
  onDelete: string,
];

type ItemRow = readonly [
  column: string | null,
  text: string,
  order: number,
  isNotNull: boolean | null,
  collation: string | null,
  operators: string | null,
];
type IndexRow = readonly [string, unique: boolean, method: string, where: string | null, items: readonly ItemRow[]];

const namesOf = (table: string, places: string): string =>
  "(select json_agg(a.attname order by u.place) " +
  `from unnest(${places}) with ordinality as u(number, place) ` +
  `join pg_attribute as a on a.attrelid = ${table} and a.attnum = u.number)`;

/** The type that a column is of, under all domains. */
const BASE =
  "(with recursive under (type, modifier) as (select a.atttypid, a.atttypmod union all select d.typbasetype, d.typtypmod " +
  "from under join pg_type as d on d.oid = under.type and d.typtype = 'd') select under.type, under.modifier " +
  "from under join pg_type as d on d.oid = under.type and d.typtype <> 'd')";

/** The labels of an enum, or of the enum that an array is of. */
const LABELS =
  "(select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum as e join pg_type as b on b.oid = base.type " +
  "where e.enumtypid in (b.oid, b.typelem))";

/** The sequence that a column owns, named as PostgreSQL names it in a default. */
const SEQUENCE =
  "(select s.oid::regclass::text from pg_depend as p join pg_class as s on s.oid = p.objid " +
  "where p.classid = 'pg_class'::regclass and s.relkind = 'S' " +
  "and p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid and p.refobjsubid = a.attnum and p.deptype in ('a', 'i') limit 1)";

const COLUMNS =
  "select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), " +
  `case t.typtype when 'd' then format_type(base.type, base.modifier) end, ${LABELS}, ` +
  "a.attnotnull or t.typnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault), " +
  `a.attidentity, a.attgenerated, ${SEQUENCE}) order by a.attnum) ` +
  `from pg_attribute as a join pg_type as t on t.oid = a.atttypid cross join lateral ${BASE} as base ` +
  "left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum " +
  "where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped";

const CONSTRAINTS =
  `select json_agg(json_build_array(k.conname, k.contype, ${namesOf("k.conrelid", "k.conkey")}, ` +
  `pg_get_expr(k.conbin, k.conrelid), fn.nspname, f.relname, ${namesOf("k.confrelid", "k.confkey")}, ` +
  "k.confupdtype, k.confdeltype) order by k.conname) from pg_constraint as k " +
  "left join pg_class as f on f.oid = k.confrelid left join pg_namespace as fn on fn.oid = f.relnamespace " +
  "where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f') and k.conparentid = 0";

const ITEMS =
  "(select json_agg(json_build_array(a.attname, pg_get_indexdef(i.indexrelid, place, false), i.indoption[place - 1], " +
  "a.attnotnull, " +
  "case when i.indcollation[place - 1] not in (0, coalesce(a.attcollation, 'default'::regcollation)) " +
  "then i.indcollation[place - 1]::regcollation::text end, " +
  "(select o.opcname from pg_opclass as o where o.oid = i.indclass[place - 1] and not o.opcdefault)) order by place) " +
  "from generate_series(1, i.indnkeyatts) as place " +
  "left join pg_attribute as a on a.attrelid = c.oid and a.attnum = nullif(i.indkey[place - 1], 0))";

const INDEXES =
  "select json_agg(json_build_array(x.relname, i.indisunique, m.amname, " +
  `pg_get_expr(i.indpred, i.indrelid), ${ITEMS}) order by x.relname) ` +
  "from pg_index as i join pg_class as x on x.oid = i.indexrelid join pg_am as m on m.oid = x.relam " +
  "where i.indrelid = c.oid and i.indisvalid and not exists " +
  "(select from pg_constraint as k where k.conrelid = c.oid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))";

/** A schema that is not the one that tables are made in, or that is asked for by its name, is named. */
const shown = (schema: string, isCurrent: unknown, schemas: readonly string[] | undefined): string | undefined =>
  isCurrent === true && !schemas?.includes(schema) ? undefined : schema;

/** Types by the names that PostgreSQL writes, and the nearest of those that no column is exactly. */
const EXACT: Readonly<Record<string, ColumnType["kind"]>> = {
  integer: "integer",
  bigint: "bigint",
  "double precision": "real",
  numeric: "numeric",
  text: "text",
  boolean: "boolean",
  "timestamp(3) with time zone": "timestamp",
  date: "date",
  uuid: "uuid",
  jsonb: "json",
  bytea: "bytes",
};

const NEAREST: readonly (readonly [RegExp, ColumnType["kind"]])[] = [
  [/^smallint$/, "integer"],
  [/^real$/, "real"],
  [/^timestamp/, "timestamp"],
  [/^json$/, "json"],
];

interface TypeRead {
  readonly type: ColumnType;
  readonly isExact: boolean;
}

/** Elements of arrays may be null, unless a check says otherwise. */
function typeOf(name: string, labels: readonly string[] | null): TypeRead {
  if (name.endsWith("[]")) {
    const { type: element, isExact } = typeOf(name.slice(0, -2), labels);
    return { type: { kind: "array", element, nullableElements: true }, isExact };
  }
  if (labels !== null && labels.length > 0) return { type: { kind: "oneOf", values: labels }, isExact: false };
  const exact = EXACT[name];
  if (exact !== undefined) return { type: typeNamed(exact) ?? { kind: "text" }, isExact: true };
  const [, word, size = ""] = /^(numeric|character varying|character)\((.*)\)$/.exec(name) ?? [];
  const sized = word === undefined ? undefined : typeNamed(`${word === "numeric" ? word : "varchar"}(${size})`);
  // PostgreSQL knows a scale below zero, or beyond the precision.
  if (sized !== undefined && (sized.kind !== "numeric" || isUsualScale(sized)))
    return { type: sized, isExact: word !== "character" };
  const kind = word === "numeric" ? word : (NEAREST.find(([words]) => words.test(name))?.[1] ?? "text");
  return { type: typeNamed(kind) ?? { kind: "text" }, isExact: false };
}

const isUsualScale = ({ precision = 0, scale = 0 }: { precision: number | undefined; scale: number | undefined }) =>
  scale >= 0 && scale <= precision;

const TEXT = String.raw`(?:E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')`;

/** What a literal of text says. */
function unquoted(literal: string): string {
  if (!literal.startsWith("E")) return literal.slice(1, -1).replaceAll("''", "'");
  return literal.slice(2, -1).replace(/''|\\(.)/gs, (_all, escaped: string | undefined) => escaped ?? "'");
}

const LITERAL = new RegExp(
  `^\\(?(${TEXT}|-?[0-9.]+(?:e[+-]?[0-9]+)?|true|false)\\)?(?:::[^()']+(?:\\([0-9, ]+\\))?[^()']*)?$`,
  "si",
);

function defaultOf(type: ColumnType, text: string): ColumnDefault | undefined {
  if (/^null(?:::|$)/i.test(text)) return undefined;
  if (type.kind === "timestamp" && text === "now()") return { by: "now" };
  if (type.kind === "date" && /^\(\(now\(\) AT TIME ZONE 'utc'::text\)\)::date$/i.test(text)) return { by: "now" };
  const literal = LITERAL.exec(text)?.[1];
  if (literal === undefined) return { by: "sql", sql: sqlOf(text) };
  const raw = /['"]$/.test(literal) ? unquoted(literal) : type.kind === "boolean" ? literal.charAt(0) : literal;
  return literalDefault(type, raw) ?? { by: "sql", sql: sqlOf(text) };
}

function columnOf(row: ColumnRow, isOnlyKey: boolean): CatalogColumn {
  const [name, written, underDomain, labels, isNotNull, fallback, identity, generated, sequence] = row;
  const { type, isExact } = typeOf(underDomain ?? written, labels);
  const isNumbered = identity !== "" || (sequence !== null && /^nextval\(/.test(fallback ?? ""));
  const isInteger = type.kind === "integer" || type.kind === "bigint";
  const isGenerated = isNumbered && isOnlyKey && isInteger;
  const isOwn = !isExact || underDomain !== null;
  const given = fallback ?? (identity === "" ? null : `nextval('${(sequence ?? "").replaceAll("'", "''")}'::regclass)`);
  return {
    name,
    type,
    databaseType: isOwn ? written : undefined,
    postgresType: isOwn ? written : undefined,
    nullable: !isNotNull,
    default: given === null || isGenerated ? undefined : generated === "" ? defaultOf(type, given) : computedBy(given),
    isGenerated,
  };
}

function itemOf([column, text, order, isNotNull, collation, operators]: ItemRow, isOrdered: boolean): CatalogIndexItem {
  const direction = order & 1 ? "desc" : "asc";
  const nullsFirst = (order & 2) > 0;
  const isOwnOrder = isNotNull ? nullsFirst === (direction === "desc") : nullsFirst === (direction === "asc");
  if (column !== null && collation === null && operators === null && (isOwnOrder || !isOrdered))
    return { column, direction };
  const parts = [
    text,
    collation === null ? "" : `collate ${collation}`,
    operators ?? "",
    direction === "desc" ? "desc" : "",
    nullsFirst === (direction === "desc") ? "" : `nulls ${nullsFirst ? "first" : "last"}`,
  ];
  return { sql: parts.filter((part) => part !== "").join(" ") };
}

const indexOf = ([name, unique, method, where, items]: IndexRow): CatalogIndex => ({
  name,
  unique,
  using: method === "btree" ? undefined : method,
  items: items.map((item) => itemOf(item, method === "btree")),
  where: where ?? undefined,
});

const ACTIONS: Readonly<Record<string, string>> = { c: "cascade", r: "restrict", n: "set null", d: "set default" };

const SAME_TEXT = new RegExp(`^\\(.+ = (${TEXT})::text\\)$`, "s");
const ONE_OF = new RegExp(`^\\(.+ = ANY \\(ARRAY\\[((?:${TEXT}::text(?:, )?)+)\\]\\)\\)$`, "s");
const LIST_OF = new RegExp(`^\\((array_remove\\()?.+ <@ ARRAY\\[((?:${TEXT}::text(?:, )?)+)\\]\\)$`, "s");
const NO_NULLS = /^\(array_position\(.+, NULL::[^()]+(?:\(\d+\))?[^()]*\) IS NULL\)$/s;

const textsIn = (list: string): string[] => (list.match(new RegExp(TEXT, "gs")) ?? []).map(unquoted);

/** The type of a column with what its check says of its values; undefined where that is no type. */
function checkedType({ type, databaseType }: CatalogColumn, check: string): ColumnType | undefined {
  if (type.kind === "array" && NO_NULLS.test(check)) return { ...type, nullableElements: false };
  if (databaseType !== undefined) return undefined;
  if (type.kind === "text") {
    const texts = (SAME_TEXT.exec(check) ?? ONE_OF.exec(check))?.[1];
    return texts === undefined ? undefined : { kind: "oneOf", values: textsIn(texts) };
  }
  if (type.kind !== "array") return undefined;
  const [, removed, texts] = LIST_OF.exec(check) ?? [];
  if (texts === undefined || type.element.kind !== "text") return undefined;
  const element: ColumnType = { kind: "oneOf", values: textsIn(texts) };
  return { kind: "array", element, nullableElements: removed !== undefined };
}

/** The columns, with the types that checks of theirs say, and the checks that remain. */
function withChecks(table: string, columns: readonly CatalogColumn[], constraints: readonly ConstraintRow[]) {
  const typed = new Map(columns.map((column) => [column.name, column]));
  const checks: string[] = [];
  for (const [name, kind, of, check] of constraints) {
    if (kind !== "c" || check === null) continue;
    const column = of?.length === 1 ? typed.get(of[0] ?? "") : undefined;
    const isOwn = column !== undefined && name === madeName(table, `${column.name}_check`);
    const type = isOwn ? checkedType(column, check) : undefined;
    if (column === undefined || type === undefined) checks.push(check);
    else typed.set(column.name, { ...column, type });
  }
  return { columns: [...typed.values()], checks };
}

export const postgresCatalog: CatalogDialect = {
  select({ schemas, names }) {
    const list = (items: readonly string[]) => JSON.stringify(items);
    const texts = (place: number) => `(select json_array_elements_text($${place}::json))`;
    const isNamed = names === undefined ? "" : ` and c.relname in ${texts(schemas === undefined ? 1 : 2)}`;
    const isOfSchema = schemas === undefined ? "n.nspname = current_schema()" : `n.nspname in ${texts(1)}`;
    return {
      text:
        `select n.nspname, current_schema(), c.relname, (${COLUMNS}), (${CONSTRAINTS}), (${INDEXES}) ` +
        "from pg_class as c join pg_namespace as n on n.oid = c.relnamespace " +
        `where c.relkind in ('r', 'p') and not c.relispartition and ${isOfSchema}${isNamed}`,
      values: [...(schemas === undefined ? [] : [list(schemas)]), ...(names === undefined ? [] : [list(names)])],
    };
  },

  read([own, current, name, columnRows, constraintRows, indexRows], { schemas }) {
    const constraints = jsonList<ConstraintRow>(constraintRows);
    const key = constraints.find(([, kind]) => kind === "p")?.[2] ?? [];
    const rows = jsonList<ColumnRow>(columnRows);
    const read = rows.map((row) => columnOf(row, key.length === 1 && key[0] === row[0]));
    const foreignKeys = constraints.flatMap((row): CatalogForeignKey[] => {
      const [, kind, columns, , schema, table, referred, onUpdate, onDelete] = row;
      if (kind !== "f" || schema === null || table === null) return [];
      return [
        {
          columns: columns ?? [],
          schema: shown(schema, schema === current, schemas),
          table,
          referenced: referred ?? undefined,
          onDelete: actionOf(ACTIONS[onDelete] ?? ""),
          onUpdate: actionOf(ACTIONS[onUpdate] ?? ""),
        },
      ];
    });
    return {
      name: String(name),
      schema: schemas === undefined ? undefined : String(own),
      ...withChecks(String(name), read, constraints),
      key,
      uniques: constraints.filter(([, kind]) => kind === "u").map(([, , columns]) => columns ?? []),
      indexes: jsonList<IndexRow>(indexRows).map(indexOf),
      foreignKeys,
    };
  },

  default: defaultOf,
  temporary: { schema: "pg_temp", select: "select nspname from pg_namespace where oid = pg_my_temp_schema()" },
};
