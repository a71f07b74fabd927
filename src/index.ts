export { Attachment } from "./audit/attachment.js";
export { DeletedModel, type PurgeOptions } from "./audit/deleted-model.js";
export type { HashedClass, HashedColumns, HashedInstance, VersionedInstance } from "./audit/hashed-class.js";
export { HashedManager } from "./audit/hashed-manager.js";
export { HashedModel, type HashedOptions, type HashedStatics } from "./audit/hashed-model.js";
export type { Change, Differences, Version } from "./audit/history.js";
export type { Proof, ProofStep } from "./audit/merkle.js";
export type { Problem } from "./audit/verify.js";
export type { DatabaseTarget } from "./database/connect.js";
export type { Connection, CursorOptions, ExecuteResult } from "./database/connection.js";
export type { Cursor } from "./database/cursor.js";
export { Database } from "./database/database.js";
export type { QueryEvent, QueryListener, QueryTransaction } from "./database/events.js";
export { type GenerateOptions, generateModels } from "./database/generate-models.js";
export type { DatabaseOptions, PoolOptions } from "./database/options.js";
export type { ModelChanges, Preview, PreviewOptions } from "./database/preview.js";
export type { ReflectOptions } from "./database/reflect.js";
export type { RetryOptions, Scoped, TransactionOptions } from "./database/scope.js";
export type { Session } from "./database/session.js";
export { transaction } from "./database/several-databases.js";
export type { SignalOptions } from "./database/signals.js";
export type { SlowQueryEvent, SlowQueryOptions } from "./database/slow-queries.js";
export type { QueryMessage } from "./database/tracing.js";
export type { Transaction } from "./database/transaction.js";
export type {
  BeginOptions,
  DialectName,
  Driver,
  DriverConnection,
  DriverField,
  DriverResult,
  DriverStatement,
  DriverValue,
  IsolationLevel,
  MaybePromise,
  Waiting,
} from "./drivers/driver.js";
export { type Holder, type Permit, Permits } from "./drivers/permits.js";
export { type FailedStatement, postgresError } from "./drivers/postgres-errors.js";
export { refuseTransactionControl } from "./drivers/transaction-control.js";
export {
  AmbiguousCommitError,
  CheckViolationError,
  ConnectionError,
  ConstraintError,
  ForeignKeyViolationError,
  IntegrityError,
  MultipleResultsError,
  NotFoundError,
  NotNullViolationError,
  OptimisticLockError,
  QueryError,
  RelationNotLoadedError,
  RowkeeperError,
  SerializationError,
  TimeoutError,
  TransactionClosedError,
  UniqueViolationError,
  UsageError,
  ValidationError,
  type ValidationIssue,
} from "./errors.js";
export type { GroupedRow, GroupName, GroupOptions, Having, HavingExpressions } from "./manager/aggregate.js";
export type { BulkRow } from "./manager/bulk-update.js";
export type { Chain } from "./manager/chain.js";
export type { Created } from "./manager/get-or-create.js";
export type { EventOptions, Hook, HookContext, HookEvent } from "./manager/hooks.js";
export { type DeleteOptions, type FetchOptions, type InsertOptions, Manager } from "./manager/manager.js";
export type { Query } from "./manager/query.js";
export type { TransactionScope } from "./manager/transaction-scope.js";
export type { UpsertOptions } from "./manager/upsert.js";

export { type JunctionColumns, type JunctionOptions, junction } from "./model/junction.js";
export { Model, type ModelOptions } from "./model/model.js";
export type { ModelInstance, ModelStatics } from "./model/model-interfaces.js";
export type { DeletionOptions } from "./model/operations.js";
export type { JoinedModel } from "./query/joined-model.js";
export { type Builder, QueryBuilder, type QueryBuilderOptions } from "./query/query-builder.js";
export type { ResultRow } from "./query/result-row.js";
export type { BareEntry, BareTable, Entry, EntryOf, GroupData, Joined, Narrowed, SelectedData } from "./query/shape.js";
export { type BelongsTo, belongsTo } from "./relations/belongs-to.js";
export {
  type BelongsToMany,
  type BelongsToManyOptions,
  belongsToMany,
  type Pivot,
} from "./relations/belongs-to-many.js";
export { type Contains, contains } from "./relations/contains.js";
export { type DynamicModel, dynamicModel } from "./relations/dynamic-model.js";
export { type HasMany, hasMany } from "./relations/has-many.js";
export { type HasOne, hasOne } from "./relations/has-one.js";
export type { Relation } from "./relations/relation.js";
export type { RelationQuery } from "./relations/relation-query.js";
export type { ToMany } from "./relations/to-many.js";
export type { ToOne } from "./relations/to-one.js";
export { type Within, within } from "./relations/within.js";
export { type Diagram, type DiagramOptions, diagram } from "./schema/diagram.js";
export {
  type Aggregate,
  type AggregateOptions,
  avg,
  type ColumnAggregate,
  count,
  max,
  min,
  type StringAggOptions,
  stringAgg,
  sum,
} from "./sql/aggregates.js";
export {
  array,
  bigint,
  boolean,
  bytes,
  Column,
  date,
  integer,
  json,
  numeric,
  oneOf,
  type ReferenceAction,
  type ReferenceOptions,
  real,
  text,
  timestamp,
  uuid,
  varchar,
} from "./sql/columns.js";
export { and, type Condition, type ConditionLike, exists, not, or } from "./sql/conditions.js";
export { expression } from "./sql/expression.js";
export type { ForeignKeyOptions, LateModel } from "./sql/foreign-keys.js";
export type { NamedValues } from "./sql/named-text.js";
export type { ColumnExpression, ColumnOf, JsonPath, Operand, Selectable, SelectOf } from "./sql/operators.js";
export type { Order, OrderOptions } from "./sql/order.js";
export type {
  CheckedConditions,
  CheckedCounts,
  CheckedItemQuery,
  CheckedLoad,
  CheckedQuery,
  CheckedRow,
  CheckedRows,
  CheckedWhere,
  Counted,
  CountHint,
  Inserted,
  Item,
  Loaded,
  LoadedMany,
  LoadedOne,
  LoadHint,
  ManagerColumns,
  QueryHint,
  RelatedMany,
  Result,
  RowHint,
  WhereHint,
} from "./sql/relation-types.js";
export { deleteFrom, insertInto, tableOf, updateTable } from "./sql/source.js";
export { empty, join, raw, Sql, sql } from "./sql/sql.js";
export type { SessionRow, Statement } from "./sql/statement.js";
export type { IndexOptions, Table, TableColumn, TableOptions, TimestampOptions } from "./sql/table.js";
export type {
  AnyInstance,
  AnyModel,
  ColumnExpressions,
  ColumnName,
  ColumnShape,
  Key,
  NewRow,
  OrderBy,
  RelationKind,
  RelationShape,
  Row,
  RowOfColumns,
  SelectedRow,
  Selection,
  UpdateValues,
  Where,
  WhereObject,
} from "./sql/types.js";
export { type AnyView, alias, type ColumnsOfRow, type CteOptions, cte, type View } from "./sql/views.js";
export {
  denseRank,
  lag,
  lead,
  type OverOptions,
  rank,
  rowNumber,
  type WindowFunction,
} from "./sql/window.js";
