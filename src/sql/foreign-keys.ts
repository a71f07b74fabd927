import { UsageError } from "../errors.js";
import { type ColumnSettings, checkActions, type ReferenceAction } from "./columns.js";

/**
 * A function that gives a model, such as `() => User`. Of two signatures that differ so, the compiler gives neither to
 * the function as its own, and so doesn't ask what it returns: a model that may still be in the making.
 */
export interface LateModel {
  (): void;
  <_>(): void;
}

/** A reference of several columns, together, to the key of another model. */
export interface ForeignKeyOptions {
  /** The properties that hold the key, in the order of the other model's. */
  readonly columns: readonly string[];
  /** Gives the model that is referred to; called late, so that models may refer to each other. */
  readonly references: LateModel;
  /** The properties of the other model that are referred to; default its primary key. */
  readonly referenced?: readonly string[];
  /** What happens to this row when the row it refers to is deleted; default "no action". */
  readonly onDelete?: ReferenceAction;
  /** What happens to this row when the key it refers to changes; default "no action". */
  readonly onUpdate?: ReferenceAction;
}

interface ReferringColumn {
  readonly property: string;
  readonly label: string;
  readonly nullable: boolean;
  readonly settings: ColumnSettings;
}

/** A foreign key of a table, of one column that `references` or of the table's `foreignKeys`. */
export interface ForeignKey<C extends ReferringColumn> {
  readonly columns: readonly C[];
  /** Gives the model that is referred to. */
  readonly model: () => unknown;
  /** The properties that are referred to; undefined: the other model's primary key. */
  readonly referenced: readonly string[] | undefined;
  readonly onDelete: ReferenceAction | undefined;
  readonly onUpdate: ReferenceAction | undefined;
}

/**
 * The foreign keys of a table: those of its columns, then those of its options.
 *
 * @param column finds a column by its property
 * @param isChecked false: they were read from a database
 * @throws TypeError for an unknown column
 * @throws UsageError for columns that can't be referred from, or an action that they can't take
 */
export function foreignKeysOf<C extends ReferringColumn>(
  columns: readonly C[],
  options: readonly ForeignKeyOptions[],
  column: (property: string) => C,
  isChecked = true,
): readonly ForeignKey<C>[] {
  const ofColumns = columns.flatMap((referring): ForeignKey<C>[] => {
    const { reference } = referring.settings;
    if (reference === undefined) return [];
    const { model, onDelete, onUpdate, column: referred } = reference;
    return [
      { columns: [referring], model, referenced: referred === undefined ? undefined : [referred], onDelete, onUpdate },
    ];
  });
  const ofTable = options.map(({ references: model, referenced, onDelete, onUpdate, columns: properties }) => {
    const key = { columns: properties.map(column), model, referenced, onDelete, onUpdate };
    checkColumns(key);
    checkActions("a foreign key", key);
    return key;
  });
  const keys = [...ofColumns, ...ofTable];
  if (isChecked) for (const key of keys) checkEffects(key);
  return keys;
}

/** For messages: "parts.orderId, line". */
export function labelOf({ columns: [first, ...rest] }: ForeignKey<ReferringColumn>): string {
  return [first?.label, ...rest.map(({ property }) => property)].join(", ");
}

function checkColumns(key: ForeignKey<ReferringColumn>): void {
  const { columns, referenced } = key;
  if (columns.length === 0) throw new UsageError("a foreign key wants at least one column");
  if (new Set(columns).size < columns.length)
    throw new UsageError(`${labelOf(key)}: a foreign key names a column once`);
  if (referenced !== undefined && referenced.length !== columns.length)
    throw new UsageError(`${labelOf(key)} can't refer to ${referenced.length} columns, as they are ${columns.length}`);
}

/** @throws UsageError where an action would write a null that a column doesn't take */
function checkEffects({ columns, onDelete, onUpdate }: ForeignKey<ReferringColumn>): void {
  const actions = [onDelete, onUpdate];
  for (const { nullable, label, settings } of columns) {
    if (nullable) continue;
    if (actions.includes("set null"))
      throw new UsageError(`${label} refers with "set null", which wants the column to be nullable()`);
    if (actions.includes("set default") && !hasDatabaseDefault(settings))
      throw new UsageError(
        `${label} refers with "set default", which wants a default that the database knows, or nullable()`,
      );
  }
}

/** What a function gives, and the model's clock, are not known to the database. */
function hasDatabaseDefault({ default: given }: ColumnSettings): boolean {
  return given !== undefined && given.by !== "function" && given.by !== "clock";
}
