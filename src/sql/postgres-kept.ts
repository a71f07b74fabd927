import type { ColumnType } from "./column-type.js";
import type { TypedColumn } from "./dialect.js";
import { quoteLiteral } from "./postgres-ddl.js";

/** A column with its name in the database. */
interface NamedColumn extends TypedColumn {
  readonly name: string;
}

/** What PostgreSQL calls a type whose values come back as they are sent. */
function nameOf(type: ColumnType): string | undefined {
  switch (type.kind) {
    case "integer":
    case "bigint":
    case "boolean":
    case "date":
    case "uuid":
    case "text":
      return type.kind;
    case "oneOf":
      return "text";
    case "varchar":
      return `character varying(${type.length})`;
    case "timestamp":
      return "timestamp(3) with time zone";
    default:
      return undefined;
  }
}

/** A select of whether a table keeps what columns are given; undefined where that isn't known of a column's type. */
export function keepsGiven(table: string, columns: readonly NamedColumn[]): string | undefined {
  const types = columns.map(({ name, type, settings }) => {
    const known = settings.postgresType === undefined ? nameOf(type) : undefined;
    return known && `(${quoteLiteral(name)}, ${quoteLiteral(known)})`;
  });
  if (types.includes(undefined)) return undefined;
  return (
    "select t.relkind = 'r' and not t.relhasrules and not exists " +
    "(select from pg_catalog.pg_trigger where tgrelid = t.oid and not tgisinternal) and " +
    "(select count(*) from pg_catalog.pg_attribute where attrelid = t.oid and " +
    `(attname::text, pg_catalog.format_type(atttypid, atttypmod)) in (${types.join(", ")})) = ${columns.length} ` +
    `from pg_catalog.pg_class as t where t.oid = ${quoteLiteral(table)}::regclass`
  );
}
