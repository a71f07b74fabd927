/** What stands for a table in a statement: a model under another name, a common table expression. */
import { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import { checkOptions, kindOf } from "../text.js";
import { Column, type ColumnSettings } from "./columns.js";
import { quoteIdentifier } from "./dialect.js";
import { SOURCE, sourceOf } from "./source.js";
import { Statement, selectFrom } from "./statement.js";
import type { Definition, Source } from "./statement-state.js";
import { checkName, Table } from "./table.js";
import type {
  AnyColumns,
  AnyModel,
  AnyTable,
  ColumnExpressions,
  ColumnShape,
  ColumnsOf,
  Row,
  SelectedRow,
  Selection,
} from "./types.js";
import type { SqlWriter } from "./writer.js";

/** Any alias or common table expression. */
export interface AnyView extends AnyTable {
  readonly c: object;
  readonly model: AnyModel | undefined;
}

/** What can be selected from, and whose columns can be named in conditions, but which is no model. */
// "in out" is what TypeScript 5.9 runs out of stack to find by itself: a view's statements are of the view.
export class View<
  in out N extends string,
  in out C extends AnyColumns,
  in out M extends AnyModel | undefined = undefined,
> implements AnyView
{
  /** The name that statements know it by. */
  readonly table: N;
  readonly columns: C;
  /** An expression for each column. */
  readonly c: ColumnExpressions<C>;
  /** @internal */
  readonly [SOURCE]: Source;
  /** The model that it is another name of; undefined of a common table expression. */
  readonly model: M;

  /** @internal */
  constructor(name: N, columns: C, source: Source, model: M) {
    this.table = name;
    this.columns = columns;
    this[SOURCE] = source;
    this.model = model;
    this.c = expressionsOf<C>(source.table);
  }

  /** A select of all columns, of those named, or of what a record names. */
  select(): Statement<this, Row<{ readonly columns: C }>>;
  select<const K extends keyof C & string>(
    columns: K | readonly K[],
  ): Statement<this, Pick<Row<{ readonly columns: C }>, K>>;
  select<const S extends Selection<{ readonly columns: C }>>(
    selection: S,
  ): Statement<this, SelectedRow<{ readonly columns: C }, S>>;
  select(columns?: unknown): unknown {
    return selectFrom(this[SOURCE], columns);
  }
}

/** An expression for each column of a table. */
export function expressionsOf<C extends AnyColumns>(table: Table): ColumnExpressions<C>;
export function expressionsOf(table: Table): unknown {
  return Object.freeze(Object.fromEntries(table.columns.map(({ property, reference }) => [property, reference])));
}

/**
 * A model under another name, for a statement in which its table stands twice.
 *
 * ```ts
 * const boss = alias(Employee, "boss");
 * Employee.objects.getInstances({ where: exists(boss.select().where(boss.c.id.eq(Employee.c.bossId))) });
 * ```
 */
export function alias<M extends AnyModel, const N extends string>(model: M, name: N): View<N, ColumnsOf<M>, M> {
  const source = sourceOf(model);
  checkAlias(name, "an alias");
  return new View<N, ColumnsOf<M>, M>(name, model.columns, { ...source, table: source.table.as(name) }, model);
}

/** @throws UsageError for a name that would be taken for one of a schema's */
function checkAlias(name: string, what: string): void {
  if (checkName(name, what).includes(".")) throw new UsageError(`${what} is a name without a dot`);
}

/** The columns of a common table expression. */
export type ColumnsOfRow<R> = { readonly [K in keyof R]: ColumnShape<R[K], true, false> };

/** Options of `cte` with SQL of your own. */
export interface CteOptions {
  /** The SQL names itself. */
  readonly recursive?: boolean;
}

/**
 * A common table expression: a select with a name, from which can be selected, and whose columns can be named. Its
 * definition is written before each statement that selects from it.
 *
 * ```ts
 * const largest = cte("largest", City.select(["id", "name"]).orderBy("-population").limit(10));
 * await City.objects.setSql(largest.select(["name"])).orderBy("name").fetchall();
 * // with "largest" ("id", "name") as (select …) select "largest"."name" from "largest" order by "largest"."name"
 * ```
 *
 * Of `sql` text the columns are told, in their order; recursive text names itself.
 *
 * @throws TypeError where it is no select
 */
export function cte<const N extends string, R extends object>(
  name: N,
  select: Statement<AnyTable, R>,
): View<N, ColumnsOfRow<R>>;
export function cte<const N extends string, C extends AnyColumns>(
  name: N,
  columns: C,
  text: Sql,
  options?: CteOptions,
): View<N, C>;
export function cte(name: string, first: unknown, text?: Sql, options: CteOptions = {}): unknown {
  checkAlias(name, "a common table expression");
  checkOptions("cte()", options, ["recursive"]);
  if (first instanceof Statement) return ofStatement(name, first);
  if (typeof first !== "object" || first === null) throw new TypeError(`cte() wants a select, not ${kindOf(first)}`);
  if (!(text instanceof Sql)) throw new TypeError(`cte() with columns wants sql\`…\`, not ${kindOf(text)}`);
  const columns: Record<string, Column<unknown>> = {};
  for (const [property, column] of Object.entries(first)) {
    if (!(column instanceof Column)) throw new TypeError(`${property}: cte() wants columns, such as integer()`);
    columns[property] = column;
  }
  return view(name, new Table(name, columns), options.recursive === true, (writer) => writer.sql(text));
}

function ofStatement(name: string, statement: Pick<Statement<AnyTable, unknown>, "state" | "writeQuery">): unknown {
  const { verb, output = [] } = statement.state;
  if (verb !== "select")
    throw new UsageError(`cte() wants a select, not ${verb === "sql" ? "sql text without columns" : verb}`);
  const columns: Record<string, Column<unknown>> = {};
  for (const { property, codec, nullable } of output) {
    const settings: ColumnSettings = { type: codec.type, nullable, name: property };
    columns[property] = new Column(settings);
  }
  const codecs = new Map(output.map(({ property, codec }) => [property, codec]));
  const table = new Table(name, columns, {}, { codecs });
  return view(name, table, false, (writer) => statement.writeQuery(writer));
}

function view(name: string, table: Table, isRecursive: boolean, writeQuery: (writer: SqlWriter) => void): unknown {
  const definition: Definition = {
    isRecursive,
    writeTo(writer) {
      writer.write(`${quoteIdentifier(name)} (`).list(table.columns, ", ", ({ quoted }) => writer.write(quoted));
      writeQuery(writer.write(") as ("));
      writer.write(")");
    },
  };
  const columns = Object.fromEntries(table.columns.map((column) => [column.property, new Column(column.settings)]));
  return new View(name, columns, { table, makeKey: () => undefined, definition }, undefined);
}
