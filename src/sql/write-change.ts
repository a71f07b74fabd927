import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { ALWAYS } from "./conditions.js";
import type { Dialect } from "./dialect.js";
import { encodeInsert, encodeUpdate } from "./insert-values.js";
import { type Conflict, requireTable, type StatementState } from "./statement-state.js";
import type { Table, TableColumn } from "./table.js";
import { writeWhere } from "./write-select.js";
import { isExpression, type SqlWriter } from "./writer.js";

/** An insert, update or delete. @throws UsageError where its values, or its condition, is missing */
export function writeChange(writer: SqlWriter, state: StatementState): void {
  if (state.verb === "insert") writeInsert(writer, state);
  else if (state.verb === "update") writeUpdate(writer, state);
  else writeDelete(writer, state);
}

function writeInsert(writer: SqlWriter, state: StatementState): void {
  const table = requireTable(state, "insertInto");
  const { rows = [], source } = state;
  const makeKey = source?.makeKey ?? (() => undefined);
  const encoded = state.encoded ?? rows.map((row) => encodeInsert(table, writer.dialect, row, makeKey));
  const [first] = encoded;
  if (first === undefined) throw new UsageError(`an insert into ${table.name} wants values`);
  if (encoded.some(({ shape }) => shape !== first.shape)) {
    throw new UsageError("the rows of one insert statement give the same columns; insertMany() takes different ones");
  }
  writeInsertRows(
    writer,
    table,
    first.columns,
    encoded.map(({ values }) => values),
  );
  if (state.conflict !== undefined) writeConflict(writer, state.conflict);
  writeReturning(writer, state, advanceGenerated(writer.dialect, table, first.columns));
}

/** `on conflict (…) do update set …` */
export function writeConflict(writer: SqlWriter, conflict: Conflict): void {
  writer.write(" on conflict");
  if (conflict.on.length > 0) {
    writer
      .write(" (")
      .list(conflict.on, ", ", ({ quoted }) => writer.write(quoted))
      .write(")");
  }
  if (conflict.update === undefined) writer.write(" do nothing");
  else {
    writer.write(" do update set ");
    writer.list(conflict.update, ", ", ({ quoted }) => writer.write(`${quoted} = excluded.${quoted}`));
  }
}

function writeUpdate(writer: SqlWriter, state: StatementState): void {
  const table = requireTable(state, "updateTable");
  const { columns, values } = encodeUpdate(table, writer.dialect, state.rows?.[0] ?? {});
  if (columns.length === 0) throw new UsageError(`an update of ${table.name} wants values to set`);
  requireCondition(state, "update");
  writer.write(`update ${table.quoted} set `);
  writer.list(columns, ", ", (column) => {
    const value = values[columns.indexOf(column)] ?? null;
    writer.write(`${column.quoted} = `);
    const { before, after } = writer.dialect.assignment(column.type);
    if (isExpression(value)) writer.write(before).operand(value).write(after);
    else writer.bind(value);
  });
  writeWhere(writer, state);
  writeReturning(writer, state);
}

function writeDelete(writer: SqlWriter, state: StatementState): void {
  const table = requireTable(state, "deleteFrom");
  requireCondition(state, "delete");
  writer.write(`delete from ${table.quoted}`);
  writeWhere(writer, state);
  writeReturning(writer, state);
}

function requireCondition(state: StatementState, verb: string): void {
  const { conditions, isForAll, orders, limit, offset } = state;
  if (orders.length > 0 || limit !== undefined || offset !== undefined) {
    throw new UsageError(
      `${verb === "update" ? "an" : "a"} ${verb} takes no order, limit or offset; choose the rows in its where`,
    );
  }
  if (isForAll || conditions.some((condition) => condition !== ALWAYS)) return;
  throw new UsageError(
    `${verb === "update" ? "an" : "a"} ${verb} of every row of ${requireTable(state, verb).name} must say so: where "all"`,
  );
}

function writeReturning(writer: SqlWriter, state: StatementState, besides: readonly string[] = []): void {
  const columns = state.returning ?? [];
  writer.write(returning([...columns.map(({ quoted }) => quoted), ...besides]));
}

/** `insert into … (…) values (…), (…)` */
export function writeInsertRows(
  writer: SqlWriter,
  table: Table,
  columns: readonly TableColumn[],
  rows: readonly (readonly DriverValue[])[],
): void {
  writer.write(`insert into ${table.quoted}`);
  if (columns.length === 0) {
    if (rows.length > 1)
      throw new UsageError(`several rows of ${table.name} without any values can't be inserted at once`);
    writer.write(" default values");
    return;
  }
  writer
    .write(" (")
    .list(columns, ", ", ({ quoted }) => writer.write(quoted))
    .write(") values ");
  writer.list(rows, ", ", (values) => {
    writer
      .write("(")
      .list(values, ", ", (value) => writer.bind(value))
      .write(")");
  });
}

export function returning(items: readonly string[]): string {
  return items.length === 0 ? "" : ` returning ${items.join(", ")}`;
}

/** What `returning` asks for besides, so that generated keys go on after one that was given. */
export function advanceGenerated(dialect: Dialect, table: Table, given: readonly TableColumn[]): string[] {
  const { generated, quoted } = table;
  if (generated === undefined || !given.includes(generated)) return [];
  const advance = dialect.advanceGenerated(quoted, generated.name, generated.qualified);
  return advance === "" ? [] : [`(${advance})`];
}
