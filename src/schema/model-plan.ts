import { UsageError } from "../errors.js";
import { checkComparable } from "../sql/comparable.js";
import type { ForeignKey } from "../sql/foreign-keys.js";
import { MEMBER_NAMES } from "../sql/member-names.js";
import { sourceOf } from "../sql/source.js";
import type { Table, TableColumn } from "../sql/table.js";
import { capitalized, quoted, uncapitalized } from "../text.js";
import { tableName } from "./table-name.js";
import { isIdentifier, pascalCase, plural, singular } from "./words.js";

/** A relation that a foreign key gives one of its tables, or two keys of a junction the tables that they refer to. */
export interface PlannedRelation {
  readonly kind: "belongsTo" | "hasOne" | "hasMany" | "belongsToMany";
  /** The name of the getter. */
  readonly name: string;
  readonly target: PlannedModel;
  readonly pivot?: PlannedModel;
  /** What the relation is told of keys: one, or of a many-to-many those of this side and of the other. */
  readonly keys: readonly (readonly TableColumn[])[];
}

/** The class that is to be made for a table. */
export interface PlannedModel {
  readonly table: Table;
  readonly className: string;
  readonly relations: readonly PlannedRelation[];
  readonly foreignKeys: readonly Link[];
}

/** A foreign key between two of the tables. */
export interface Link {
  readonly key: ForeignKey<TableColumn>;
  readonly holder: PlannedModel;
  readonly target: PlannedModel;
  /** What is referred to; undefined: the primary key. */
  readonly referenced: readonly string[] | undefined;
}

export interface PlanOptions {
  /** The names of classes, by the tables' names; the others are called after their tables: `order_lines` is OrderLine. */
  readonly classNames?: Readonly<Record<string, string>>;
  /** What the tables' names begin with, which the names of classes leave out: `shop_`. */
  readonly prefix?: string;
}

/** What the text uses besides the classes themselves, and what would hide something that every program knows. */
const TAKEN_CLASSES = [
  "Manager",
  "Model",
  "Array",
  "Date",
  "Error",
  "Function",
  "Map",
  "Object",
  "Promise",
  "Set",
  "String",
  "Symbol",
];

/**
 * The classes of these tables, in the order of the tables' names, with the relations that their foreign keys make.
 *
 * @throws UsageError where a class can't have the name that it is given, or two are given one
 */
export function planModels(tables: readonly Table[], options: PlanOptions = {}): readonly PlannedModel[] {
  const ordered = [...tables].sort((a, b) => (tableName(a) < tableName(b) ? -1 : 1));
  const names = classNamesOf(ordered, options);
  const models = ordered.map((table) => ({
    table,
    className: names.get(table) ?? table.name,
    relations: [] as PlannedRelation[],
    foreignKeys: [] as Link[],
  }));
  const byName = new Map(models.map((model) => [tableName(model.table), model]));
  for (const model of models) {
    for (const key of model.table.foreignKeys) {
      const target = byName.get(tableName(sourceOf(key.model()).table));
      if (target !== undefined) model.foreignKeys.push({ key, holder: model, target, referenced: referencedBy(key) });
    }
  }
  const wanted = wantedRelations(models);
  for (const model of models) model.relations.push(...named(model, wanted));
  return models;
}

/** Lower-case letters begin the language's own words. */
const isClassName = (name: string): boolean => isIdentifier(name) && !/^\p{Ll}/u.test(name);

/** The first of the names that is free, or the last with a number. */
function firstFree(names: readonly string[], isFree: (name: string) => boolean): string {
  const free = names.find(isFree);
  if (free !== undefined) return free;
  for (let number = 2; ; number++) if (isFree(`${names.at(-1)}${number}`)) return `${names.at(-1)}${number}`;
}

function classNamesOf(
  tables: readonly Table[],
  { classNames: given = {}, prefix = "" }: PlanOptions,
): ReadonlyMap<Table, string> {
  const names = new Map<Table, string>();
  const taken = new Set(TAKEN_CLASSES);
  for (const table of tables) {
    const name = given[tableName(table)] ?? given[table.name];
    if (name === undefined) continue;
    if (!isClassName(name) || taken.has(name))
      throw new UsageError(
        `the class of ${tableName(table)} can't be called ${quoted(name)}, which is no name or taken`,
      );
    names.set(table, name);
    taken.add(name);
  }
  for (const table of tables.filter((table) => !names.has(table))) {
    const bare = singular(pascalCase(table.name.startsWith(prefix) ? table.name.slice(prefix.length) : table.name));
    const own = /^\p{ID_Start}/u.test(bare) ? bare : `Table${bare}`;
    const name = firstFree([own, pascalCase(table.schema ?? "") + own, `${own}Row`], (name) => !taken.has(name));
    names.set(table, name);
    taken.add(name);
  }
  return names;
}

/** The properties that a foreign key names of the other table, where they are not its key. */
function referencedBy({ referenced, model }: ForeignKey<TableColumn>): readonly string[] | undefined {
  const { key } = sourceOf(model()).table;
  const isKey = referenced?.length === key.length && key.every(({ property }, i) => property === referenced[i]);
  return isKey ? undefined : referenced;
}

/** A relation that is to have the first of these names that is free. */
interface WantedRelation extends Omit<PlannedRelation, "name"> {
  readonly owner: PlannedModel;
  readonly names: readonly string[];
}

function wantedRelations(models: readonly PlannedModel[]): readonly WantedRelation[] {
  const links = models.flatMap(relatingLinks);
  const junctions = models.flatMap((model) => junctionsOf(model, links));
  return [
    ...links.map(belongsTo),
    ...links
      .map((link) => has(link, links))
      .sort((a, b) => Number(a.kind === "hasMany") - Number(b.kind === "hasMany")),
    ...junctions.map((junction) => belongsToMany(junction, junctions)),
  ];
}

/** The foreign keys by which rows can be related: one for the same columns, of values that can be compared. */
function relatingLinks({ foreignKeys }: PlannedModel): readonly Link[] {
  const seen = new Set<string>();
  return foreignKeys.filter((link) => {
    const columns = JSON.stringify(link.key.columns.map(({ property }) => property));
    if (seen.has(columns) || !canRelate(link)) return false;
    seen.add(columns);
    return true;
  });
}

function canRelate({ key, target, referenced }: Link): boolean {
  const referred = referenced?.map((property) => target.table.column(property)) ?? target.table.key;
  if (referred.length !== key.columns.length) return false;
  try {
    for (const [i, column] of key.columns.entries()) checkComparable(column, referred[i] ?? column);
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof UsageError) return false;
    throw error;
  }
}

/** What a key calls the row that it refers to: `authorId` and `authorCode` the author; undefined where it doesn't say. */
function roleOf({ key, target, referenced }: Link): string | undefined {
  const [only, ...more] = key.columns;
  if (only === undefined || more.length > 0) return undefined;
  const referred = referenced?.[0] ?? target.table.key[0]?.property ?? "id";
  const endings = ["Id", "Code", "Key", "Uuid", capitalized(referred)];
  const ending = endings.find((ending) => only.property.endsWith(ending) && only.property !== ending);
  return ending === undefined ? undefined : only.property.slice(0, -ending.length);
}

const allOf = ({ columns }: { readonly columns: readonly TableColumn[] }): string =>
  columns.map(({ property }) => capitalized(property)).join("");

function belongsTo(link: Link): WantedRelation {
  const { holder, target, key } = link;
  const name = uncapitalized(target.className);
  const names = [roleOf(link) ?? name, `${name}By${allOf(key)}`];
  return { kind: "belongsTo", owner: holder, target, keys: [key.columns], names };
}

/** Whether no two rows can have the same values of these columns. */
const areUnique = ({ keys }: Table, columns: readonly TableColumn[]): boolean =>
  keys.some((unique) => unique.every((column) => columns.includes(column)));

function has(link: Link, links: readonly Link[]): WantedRelation {
  const { holder, target, key } = link;
  const isOne = areUnique(holder.table, key.columns);
  const name = uncapitalized(isOne ? holder.className : plural(holder.className));
  const isOnly =
    holder !== target && links.filter((each) => each.holder === holder && each.target === target).length === 1;
  const long = `${name}By${capitalized(roleOf(link) ?? allOf(key))}`;
  const kind = isOne ? "hasOne" : "hasMany";
  return { kind, owner: target, target: holder, keys: [key.columns], names: isOnly ? [name, long] : [long] };
}

/** One direction of a many-to-many. */
interface Junction {
  readonly pivot: PlannedModel;
  readonly own: Link;
  readonly other: Link;
}

/**
 * Both directions of a table whose key is two foreign keys, or which has them unique and else nothing that an insert must
 * give.
 */
function junctionsOf(pivot: PlannedModel, links: readonly Link[]): readonly Junction[] {
  const { table } = pivot;
  const own = links.filter((link) => link.holder === pivot);
  const isWhole = (columns: readonly TableColumn[]): boolean =>
    columns.length === table.key.length
      ? table.key.every((column) => columns.includes(column))
      : areUnique(table, columns) &&
        table.columns.every((column) => columns.includes(column) || isFilledIn(table, column));
  const pairs = own.flatMap((one, i) => own.slice(i + 1).map((other) => [one, other] as const));
  const found = pairs.filter(([one, other]) => {
    const columns = [...one.key.columns, ...other.key.columns];
    const isEach = [one, other].every(({ key }) => !areUnique(table, key.columns));
    return (
      isEach &&
      new Set(columns).size === columns.length &&
      columns.every(({ nullable }) => !nullable) &&
      isWhole(columns)
    );
  });
  const [pair, ...more] = found;
  if (pair === undefined || more.length > 0) return [];
  const [one, other] = pair;
  return [
    { pivot, own: one, other },
    { pivot, own: other, other: one },
  ];
}

const isFilledIn = ({ generated }: Table, column: TableColumn): boolean =>
  column.nullable || column === generated || column.settings.default !== undefined;

function belongsToMany({ pivot, own, other }: Junction, junctions: readonly Junction[]): WantedRelation {
  const [owner, target] = [own.target, other.target];
  const role = roleOf(other);
  const name = uncapitalized(plural(owner === target && role !== undefined ? capitalized(role) : target.className));
  const alike = junctions.filter((each) => each.own.target === owner && each.other.target === target);
  const isOnly = owner === target ? role !== undefined : alike.length === 1;
  const long = `${name}Through${pivot.className}`;
  const keys = [own.key.columns, other.key.columns];
  return { kind: "belongsToMany", owner, target, pivot, keys, names: isOnly ? [name, long] : [long] };
}

/** The relations of one of the models, each with a name that nothing else of it has. */
function named(model: PlannedModel, wanted: readonly WantedRelation[]): readonly PlannedRelation[] {
  const taken = new Set(MEMBER_NAMES);
  for (const { property } of model.table.columns) taken.add(property);
  return wanted
    .filter(({ owner }) => owner === model)
    .map(({ names, owner: _, ...relation }) => {
      const name = firstFree(names, (name) => !taken.has(name));
      taken.add(name);
      return { ...relation, name };
    });
}
