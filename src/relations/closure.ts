import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { hydrate } from "../manager/hydrate.js";
import type { Stateful } from "../model/state.js";
import { and } from "../sql/conditions.js";
import { aliasedTable } from "../sql/path.js";
import { SOURCE, sourceOf } from "../sql/source.js";
import { raw, sql } from "../sql/sql.js";
import { selectFrom, selectModel } from "../sql/statement.js";
import { type DeclaredColumns, Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { cte } from "../sql/views.js";
import type { Listed } from "./listed.js";

/** The rows that were reached so far, and those that come next. */
const REACHED = "rowkeeper_reached";
const NEXT = "rowkeeper_next";

/**
 * All instances that are reached from one by going on and on along a relation, each once, in the order of their keys: one
 * recursive query, which ends in circles too.
 *
 * @throws UsageError where the relation is to another model
 */
export async function closureOf(definition: Listed, owner: Stateful, scope: Scope): Promise<object[]> {
  const { model, id, ids, label } = definition;
  const source = sourceOf(model);
  const { table } = source;
  if (table !== sourceOf(owner.constructor).table)
    throw new UsageError(`${label} leads to another model, and from there no further: fetchAll() gives all there are`);
  if (definition.keyOf(owner) === undefined) return [];
  const columns: DeclaredColumns = Object.fromEntries(
    [id, ids].flatMap(({ property }) => {
      const column = table.declared[property];
      return column === undefined ? [] : [[property, column]];
    }),
  );
  const reached = new Table(REACHED, columns);
  const next = aliasedTable(table, NEXT);
  const own = [id.reference, ids.reference];
  const further = [id, ids].map(({ property }) => next.column(property).reference);
  const text = sql`select ${own[0]}, ${own[1]} from ${raw(table.quoted)} where ${and(definition.isOf(owner))}
    union select ${further[0]}, ${further[1]} from ${raw(REACHED)}
    join ${raw(next.from)} on ${definition.on(reached, next, undefined)}`;
  const all = cte(REACHED, columns, text, { recursive: true });
  const statement = selectModel<AnyModel, unknown, unknown>(model, source)
    .where(id.reference.in(selectFrom(all[SOURCE], [id.property])))
    .orderBy(id.property);
  return hydrate(model, (await scope.run(statement.compile(scope.dialect))).rows, scope);
}
