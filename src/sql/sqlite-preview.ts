import type { CapturedTable, PreviewDialect } from "./dialect.js";

type Columns = CapturedTable["columns"];

const list = (columns: Columns, prefix: string): string => columns.map(({ quoted }) => `${prefix}${quoted}`).join(", ");

const places = (columns: Columns, prefix: string): string => columns.map((_, i) => `${prefix}${i}`).join(", ");

/** The condition that rows have the same values: `t."id" = old."id"`. */
const match = (columns: Columns, left: (column: Columns[number]) => string, right: string): string =>
  columns.map((column) => `${left(column)} = ${right}${column.quoted}`).join(" and ");

/**
 * Temporary triggers, which run before the tables' own. They and what they write to are gone with the rollback.
 *
 * References to an updated row are updated before the triggers after the update run. So an update takes its place in the
 * order before it; one that doesn't happen, by `update or ignore`, stays "meant".
 *
 * `insert or replace` removes rows without telling a trigger of it. So rows that are in the way of a new one are
 * recorded as "seen" before, which is no change by itself, but tells of those that are not there at the end.
 */
export const sqlitePreview: PreviewDialect = {
  capture({ quoted, columns, key, uniques }, name) {
    const nothing = columns.map(() => "null").join(", ");
    const record = (op: string, before: string, after: string) =>
      `insert into ${name} values (null, '${op}', ${before}, ${after});`;
    const trigger = (event: string, when: string, body: string) =>
      `create temp trigger ${name}_${event} ${when} on ${quoted} begin ${body} end`;
    const [old, now] = [list(columns, "old."), list(columns, "new.")];
    const common = [
      `create temp table ${name} (place integer primary key, op, ${places(columns, "o")}, ${places(columns, "n")})`,
      trigger("insert", "after insert", record("insert", nothing, now)),
      trigger("delete", "after delete", record("delete", old, nothing)),
    ];
    if (key.length === 0) return [...common, trigger("update", "after update", record("update", old, now))];

    const own = (column: Columns[number]) => `t.${column.quoted}`;
    const inTheWay = uniques.map((unique) => match(unique, own, "new."));
    const seen =
      `insert into ${name} select null, 'seen', ${list(columns, "t.")}, ${list(columns, "t.")} ` +
      `from ${quoted} as t where (${inTheWay.join(" or ")})`;
    const set = columns.map((column, i) => `n${i} = new.${column.quoted}`).join(", ");
    const isMeant = `op = 'meant' and ${match(key, (column) => `o${columns.indexOf(column)}`, "old.")}`;
    const last = `select place from ${name} where ${isMeant} order by place desc limit 1`;
    return [
      ...common,
      trigger("before_insert", "before insert", `${seen};`),
      trigger(
        "before_update",
        "before update",
        `${seen} and not (${match(key, own, "old.")}); ${record("meant", old, nothing)}`,
      ),
      trigger("update", "after update", `update ${name} set op = 'update', ${set} where place = (${last});`),
    ];
  },

  read({ quoted, columns, key }, name) {
    const isThere = key.map((column) => `t.${column.quoted} = ${name}.o${columns.indexOf(column)}`).join(" and ");
    const sighting = `iif(exists (select 1 from ${quoted} as t where ${isThere}), 'update', 'gone')`;
    const op = key.length > 0 ? `case op when 'seen' then ${sighting} else op end` : "op";
    return (
      `select ${op}, ${places(columns, "o")}, ${places(columns, "n")} from temp.${name} ` +
      "where op <> 'meant' order by place"
    );
  },
};
