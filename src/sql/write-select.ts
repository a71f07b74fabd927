import { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import { and, type ConditionLike } from "./conditions.js";
import { type BoundClause, quoteIdentifier } from "./dialect.js";
import { writeItem } from "./select-items.js";
import {
  hiding,
  type Join,
  requireTable,
  type Source,
  type StatementState,
  sourcesOf,
  writesLimit,
} from "./statement-state.js";
import type { SelectBlock, SqlWriter } from "./writer.js";

/** A select, or SQL text of a user's own. */
export function writeQuery(writer: SqlWriter, state: StatementState): void {
  if (state.verb === "sql") writeText(writer, state);
  else if (state.isCounted) {
    writer.write("select count(*) from (");
    writeSelect(writer, state);
    writer.write(") as counted");
  } else writeSelect(writer, state);
}

/** A select of one column, each value of which stands between the parts of a clause. */
export function writeValues(writer: SqlWriter, state: StatementState, around: BoundClause): void {
  const [item, ...more] = state.output ?? [];
  if (state.verb === "sql" && around.before === "") {
    writeText(writer, state);
    return;
  }
  if (item === undefined || more.length > 0)
    throw new UsageError("a select that stands for values gives one column: say which");
  writeDefinitions(writer, state);
  const block = writer.enter(namesOf(state));
  writer.write(`select ${around.before}`);
  item.writeTo(writer);
  writer.write(around.after);
  writeFromOn(writer, state, block);
  writer.leave(block);
}

/** The names that a select has for its tables. */
function namesOf(state: StatementState): readonly string[] {
  const { source, joins } = state;
  return joins === undefined && source !== undefined
    ? [source.table.alias]
    : sourcesOf(state).map(({ table }) => table.alias);
}

function writeSelect(writer: SqlWriter, state: StatementState): void {
  writeDefinitions(writer, state);
  const names = namesOf(state);
  const block = writer.enter(names);
  writer.write("select ");
  if (state.instead !== undefined) writer.write(state.instead);
  else if (state.output === state.source?.table.columns) writer.write(state.source?.table.selectList ?? "");
  else writer.list(state.output ?? [], ", ", (item) => writeItem(writer, item));
  writeFromOn(writer, state, block);
  const hasPaths = writer.leave(block);
  const { lock } = state;
  if (lock !== undefined) {
    const clause = writer.dialect.lock(lock.strength);
    // A row that may not be there, as one at the end of a path, can't be locked.
    const of = hasPaths ? ` of ${names.map(quoteIdentifier).join(", ")}` : "";
    if (clause !== "") writer.write(clause + of + lock.wait);
  }
}

function writeDefinitions(writer: SqlWriter, state: StatementState): void {
  if (state.source?.definition !== undefined || state.joins !== undefined) writeDefinitionsOf(writer, sourcesOf(state));
}

/** What defines those of the tables that are common table expressions. */
export function writeDefinitionsOf(writer: SqlWriter, sources: readonly Source[]): void {
  const definitions = new Set(sources.flatMap(({ definition }) => definition ?? []));
  if (definitions.size === 0) return;
  const isRecursive = [...definitions].some((definition) => definition.isRecursive);
  writer.write(isRecursive ? "with recursive " : "with ");
  writer.list([...definitions], ", ", (definition) => definition.writeTo(writer)).write(" ");
}

/** All that follows the list of a select. */
function writeFromOn(writer: SqlWriter, state: StatementState, block: SelectBlock): void {
  const { joins = [], groups = [], having = [] } = state;
  writer.write(` from ${requireTable(state, "select").from}`);
  block.canJoin = false;
  for (const [place, join] of joins.entries()) writeJoin(writer, state, join, place);
  block.canJoin = true;
  block.end = writer.text.length;
  writeWhere(writer, state);
  if (groups.length > 0) writer.write(" group by ").list(groups, ", ", (group) => writer.operand(group));
  if (having.length > 0) writer.write(" having ").operand(and(...having));
  writeOrder(writer, state);
}

function writeJoin(writer: SqlWriter, state: StatementState, { kind, source, on }: Join, place: number): void {
  writer.write(` ${kind} join ${source.table.from}`);
  if (on === undefined) return;
  // A hidden row joins nothing, so that the outer side of it is there without it.
  const hidden = kind === "inner" ? [] : hiding(sourcesOf(state).slice(0, place + 2));
  writer.write(" on ").operand(and(on, ...hidden));
}

export function writeWhere(writer: SqlWriter, state: StatementState): void {
  writeConditions(writer, [...state.conditions, ...hiding(sourcesOf(state))]);
}

function writeConditions(writer: SqlWriter, conditions: readonly ConditionLike[]): void {
  if (conditions.length === 0) return;
  writer.write(" where ");
  if (conditions.length === 1) writer.operand(conditions[0]);
  else writer.list(conditions, " and ", (condition) => writer.write("(").operand(condition).write(")"));
}

function writeOrder(writer: SqlWriter, state: StatementState): void {
  const { orders, limit, offset } = state;
  if (orders.length > 0) writer.write(" order by ").list(orders, ", ", (order) => writer.operand(order));
  if (limit !== undefined && writesLimit(state, writer.dialect)) writer.write(` limit ${limit}`);
  else if (limit !== undefined) writer.write(" limit ").bind(limit).write(writer.dialect.afterLimit);
  else if (offset !== undefined) writer.write(writer.dialect.noLimit);
  if (offset !== undefined) writer.write(" offset ").bind(offset);
}

/** SQL text with anything after it becomes a derived table, so that it is right whatever the text holds. */
function writeText(writer: SqlWriter, state: StatementState): void {
  const { sql, conditions, orders, limit, offset } = state;
  if (sql === undefined) throw new UsageError("there is nothing to run: give setSql() a statement");
  const isPlain = conditions.length + orders.length === 0 && limit === undefined && offset === undefined;
  if (isPlain) {
    writer.sql(sql);
    return;
  }
  writer.write("select * from (\n").sql(withoutSemicolon(sql));
  const { name } = requireTable(state, "where");
  writer.write(`\n) as ${quoteIdentifier(name)}`);
  const block = writer.enter([name]);
  // What is joined would be among the columns that the text gives.
  block.canJoin = false;
  writeConditions(writer, conditions);
  writeOrder(writer, state);
  writer.leave(block);
}

function withoutSemicolon(sql: Sql): Sql {
  const strings = [...sql.strings];
  strings.push((strings.pop() ?? "").replace(/[;\s]+$/, ""));
  return new Sql(strings, sql.values);
}
