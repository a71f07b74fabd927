import type { PreviewDialect } from "./dialect.js";
import { quoteLiteral } from "./postgres-ddl.js";

/**
 * Triggers that write to a temporary table, by a temporary function; all are gone with the rollback.
 *
 * Triggers run in the order of their names. Updates and deletes are recorded by the last of those that run before, which
 * sees what they made of the row, and in the order in which rows change; inserts, which may not happen after all, by the
 * first of those that run after.
 */
export const postgresPreview: PreviewDialect = {
  capture({ quoted }, name) {
    const table = `pg_temp.${name}`;
    const record = (values: string) => `insert into ${table} (op, old_row, new_row) ${values};`;
    const body =
      "begin if tg_op = 'INSERT' then " +
      record("values ('insert', null, new)") +
      " elsif tg_op = 'UPDATE' then " +
      record("values ('update', old, new)") +
      " elsif tg_op = 'DELETE' then " +
      record("values ('delete', old, null)") +
      " return old; else " +
      record(`select 'delete', ${name}, null from ${quoted} as ${name}`) +
      " end if; return new; end";
    const trigger = (trigger: string, when: string, each: string) =>
      `create trigger "${trigger}" ${when} on ${quoted} for each ${each} execute function ${table}()`;
    return [
      // The name of a table's row type may be that of one of PostgreSQL's own types, which comes first; and of an alias
      // and a column of one name the column does.
      `create temp table ${name} as select ''::text as op, ${name} as old_row, ${name} as new_row ` +
        `from ${quoted} as ${name} with no data`,
      `alter table ${table} add column place bigint generated always as identity`,
      `create function ${table}() returns trigger language plpgsql as ${quoteLiteral(body)}`,
      trigger(` ${name}_after`, "after insert", "row"),
      trigger(`~${name}_before`, "before update or delete", "row"),
      trigger(` ${name}_truncate`, "before truncate", "statement"),
    ];
  },

  read({ columns }, name) {
    const fields = (row: string) => columns.map(({ quoted }) => `(${row}).${quoted}`).join(", ");
    return `select op, ${fields("old_row")}, ${fields("new_row")} from pg_temp.${name} order by ${name}.place`;
  },
};
