import { UsageError } from "../errors.js";
import { checkTable } from "../sql/check-table.js";
import { Column } from "../sql/columns.js";
import type { ForeignKeyOptions, LateModel } from "../sql/foreign-keys.js";
import { SOURCE, sourceOf } from "../sql/source.js";
import { checkName, type DeclaredColumns, TABLE_OPTIONS, Table, type TableOptions } from "../sql/table.js";
import type {
  AnyColumns,
  AnyModel,
  ColumnShape,
  Flatten,
  KeptColumns,
  KeptOptions,
  KeptTimes,
  Key,
  TableName,
} from "../sql/types.js";
import { capitalized, checkOptions, kindOf, uncapitalized } from "../text.js";
import { lateModel } from "./late-model.js";
import type { ModelStatics } from "./model-interfaces.js";

/** Options of `junction`: those of `Model`, but for the primary key. */
export type JunctionOptions<D extends string, T extends KeptTimes> = Omit<
  TableOptions,
  "primaryKey" | "softDelete" | "timestamps"
> &
  KeptOptions<D, T>;

/** The columns of a junction whose keys are named: each takes the key of its model. */
export type JunctionColumns<M extends Readonly<Record<string, () => AnyModel>>, C extends AnyColumns> = Flatten<
  { readonly [P in keyof M]: ColumnShape<Key<ReturnType<M[P]>>, false, false> } & C
>;

/** The columns of a junction that has its keys alone. */
type NoColumns = Readonly<Record<never, never>>;

const OPTIONS = TABLE_OPTIONS.filter((option) => option !== "primaryKey");

/** One of the two models, and the property of its key where that was named. */
interface Side {
  readonly model: () => unknown;
  readonly property: string | undefined;
}

/**
 * Makes the model between two others that a many-to-many goes through: the keys of both are its primary key, and go with
 * their rows (on delete and on update cascade), with an index each way. The models may be defined later; they are asked
 * for at the first use of the class, which may be used as it is or extended.
 *
 * ```ts
 * const ArticleTag = junction("article_tags", { articleId: () => Article, tagId: () => Tag }, { addedBy: text().nullable() });
 * await ArticleTag.insert({ articleId: article.id, tagId: tag.id });
 * ```
 *
 * @param keys the properties of the keys, of which the compiler then knows; each refers to a key of one column
 * @param columns what a pair has besides
 * @throws UsageError where there are not two, or a name can't be used; at the first use where a model has no such key
 * @throws TypeError for what is no function that gives a model, or an unknown option, with the nearest name
 */
export function junction<
  const M extends Readonly<Record<string, () => AnyModel>>,
  const C extends AnyColumns = NoColumns,
  const N extends string = string,
  const D extends string = never,
  const T extends KeptTimes = false,
>(
  table: N,
  keys: M,
  columns?: C,
  options?: JunctionOptions<D, T>,
): ModelStatics<KeptColumns<JunctionColumns<M, C>, D, T>, keyof M & string, TableName<N>>;
/**
 * The same with keys called after the models: `articleId`, or `orderLineOrderId` and `orderLineLine` for a key of two
 * columns, as their classes are called at the first use. The compiler knows the other columns alone.
 *
 * ```ts
 * const ArticleTag = junction("article_tags", () => Article, () => Tag);
 * ```
 *
 * @throws UsageError at the first use where both are called the same: then they are to be named
 */
export function junction<
  const C extends AnyColumns = NoColumns,
  const N extends string = string,
  const D extends string = never,
  const T extends KeptTimes = false,
>(
  table: N,
  first: LateModel,
  second: LateModel,
  columns?: C,
  options?: JunctionOptions<D, T>,
): ModelStatics<KeptColumns<C, D, T>, never, TableName<N>>;
export function junction(table: string, first: unknown, ...rest: readonly unknown[]): unknown {
  const isNamed = typeof first === "object" && first !== null;
  const [second, columns = {}, options = {}] = isNamed ? [undefined, ...rest] : rest;
  const sides = isNamed ? namedSides(first) : ([unnamedSide(first), unnamedSide(second)] as const);
  checkName(table, "a table");
  checkOptions("a junction", options, OPTIONS);
  checkTable(table, columns, options as TableOptions);
  const name = table.split(".").at(-1) ?? table;
  return lateModel(name, () => junctionTable(table, sides, columns as DeclaredColumns, options as TableOptions));
}

function unnamedSide(model: unknown, property?: string): Side {
  if (typeof model === "function" && !(SOURCE in model))
    return { model: () => Reflect.apply(model, undefined, []), property };
  const given = typeof model === "function" ? "the class itself" : kindOf(model);
  throw new TypeError(`a junction is of functions that give models, such as () => User, not ${given}`);
}

function namedSides(keys: object): readonly [Side, Side] {
  const [first, second, ...more] = Object.entries(keys).map(([property, model]) => unnamedSide(model, property));
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError("a junction is of two models: { articleId: () => Article, tagId: () => Tag }");
  return [first, second];
}

const CASCADE = { onDelete: "cascade", onUpdate: "cascade" } as const;

function junctionTable(
  name: string,
  [first, second]: readonly [Side, Side],
  columns: DeclaredColumns,
  options: TableOptions,
): Table {
  const [one, other] = [keyOf(name, first), keyOf(name, second)];
  const primaryKey = [...Object.keys(one.columns), ...Object.keys(other.columns)];
  for (const property of Object.keys(other.columns))
    if (property in one.columns)
      throw new UsageError(
        `both keys of ${name} would be called ${property}: name them, by junction(table, { a: () => One, b: () => Other }), ` +
          "or, where they have several columns, by Model() with foreignKeys",
      );
  for (const property of primaryKey)
    if (property in columns) throw new UsageError(`${name}.${property} is the key of a model, and can't be declared`);
  return new Table(
    name,
    { ...one.columns, ...other.columns, ...columns },
    {
      ...options,
      primaryKey,
      // The primary key's own index serves the other way.
      indexes: [...(options.indexes ?? []), Object.keys(other.columns)],
      foreignKeys: [...one.foreignKeys, ...other.foreignKeys, ...(options.foreignKeys ?? [])],
    },
  );
}

/** The columns that hold the key of one of the models. @throws UsageError where it has none, or its name is for one column */
function keyOf(name: string, { model, property }: Side) {
  const referred = model();
  const { table } = sourceOf(referred);
  const { name: className } = referred as AnyModel;
  const [only, ...more] = table.key;
  if (only === undefined) throw new UsageError(`${name} can't refer to ${className}, which has no primary key`);
  if (more.length === 0) {
    const column = new Column({ type: only.type, reference: { model, ...CASCADE } });
    return { columns: { [property ?? `${uncapitalized(className)}Id`]: column }, foreignKeys: [] };
  }
  if (property !== undefined)
    throw new UsageError(
      `${name}.${property} can't refer to ${className}, whose key has several columns: junction(table, () => One, () => Other) names them by itself`,
    );
  const keyed = table.key.map(({ property, type }) => [
    uncapitalized(className) + capitalized(property),
    new Column({ type }),
  ]);
  const columns: DeclaredColumns = Object.fromEntries(keyed);
  const foreignKey: ForeignKeyOptions = { columns: Object.keys(columns), references: model, ...CASCADE };
  return { columns, foreignKeys: [foreignKey] };
}
