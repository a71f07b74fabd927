import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import { type InsertValues, type Statement, writeStatement } from "./statement.js";
import type { Source } from "./statement-state.js";
import type { Table } from "./table.js";
import type { AnyModel, Row, UpdateValues } from "./types.js";

/** Where a model class, or what stands for a table, keeps it. */
export const SOURCE = Symbol("rowkeeper.source");

/** @throws TypeError where it is no model */
export function sourceOf(model: unknown): Source {
  if (typeof model === "function" && SOURCE in model) return model[SOURCE] as Source;
  throw new TypeError(`a model is a class made by Model(…), not ${kindOf(model)}`);
}

/**
 * The table of a model, or of what a foreign key refers to: `tableOf(key.model()).name`.
 *
 * @throws TypeError where it is neither
 */
export function tableOf(model: unknown): Table {
  return sourceOf(model).table;
}

/** Of a model, an alias or a common table expression. @throws TypeError where it is none */
export function tableSourceOf(table: unknown): Source {
  if (typeof table === "object" && table !== null && SOURCE in table) return table[SOURCE] as Source;
  return sourceOf(table);
}

/**
 * An insert into a model's table: `setSql(insertInto(User)).values({ name: "x" }).returning("id")`.
 *
 * @throws TypeError where it is no model
 */
export function insertInto<M extends AnyModel>(model: M): Statement<M, Row<M>, InsertValues<M>> {
  return writeStatement<M>("insert", sourceOf(model));
}

/**
 * An update of a model's table: `setSql(updateTable(User)).values({ active: false }).where({ name: "x" })`.
 *
 * @throws TypeError where it is no model
 */
export function updateTable<M extends AnyModel>(model: M): Statement<M, Row<M>, UpdateValues<M>> {
  return writeStatement<M>("update", sourceOf(model));
}

/**
 * A delete from a model's table: `setSql(deleteFrom(User)).where({ active: false })`.
 *
 * @throws TypeError where it is no model
 * @throws UsageError of a HashedModel, whose rows are kept when they are deleted
 */
export function deleteFrom<M extends AnyModel>(model: M): Statement<M, Row<M>> {
  const source = sourceOf(model);
  if (source.table.content !== undefined)
    throw new UsageError(
      `what is deleted of ${source.table.name} is kept, which a statement does not: ${model.name}.objects.delete() does`,
    );
  return writeStatement<M>("delete", source);
}
