import type { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import type { ColumnType } from "../sql/column-type.js";
import type { ColumnDefault } from "../sql/columns.js";
import type { ForeignKey } from "../sql/foreign-keys.js";
import { type IndexOptions, Table, type TableColumn } from "../sql/table.js";
import { snakeCase } from "../text.js";
import { type Link, type PlannedModel, type PlannedRelation, type PlanOptions, planModels } from "./model-plan.js";
import { tableName } from "./table-name.js";
import { isIdentifier } from "./words.js";

/**
 * TypeScript source of the models of these tables: a class each, in the order of the tables' names, with the relations
 * that their foreign keys make, and a list `models` of all. The same tables give the same text.
 *
 * What only a program knows is not in it: schemas and defaults by functions. A table that no model can declare is left out;
 * a comment at the top says why.
 *
 * @throws UsageError where a class can't have the name that it is given
 */
export function modelsSource(tables: readonly Table[], options: PlanOptions = {}): string {
  const problems = new Map(tables.map((table) => [table, problemOf(table)]));
  const models = planModels(
    tables.filter((table) => problems.get(table) === undefined),
    options,
  );
  const notes = [...problems].flatMap(([table, problem]) =>
    problem === undefined ? [] : [`// ${quotedText(tableName(table))} can't have a model: ${problem}`],
  );
  const source = new ModelsSource();
  const classes = models.map((model) => source.classOf(model));
  const names = models.map(({ className }) => className);
  const blocks = [...notes.sort(), source.imports, ...classes, `export const models = ${listed("[", "]", names, "")};`];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** Why a table that a database has can't be declared by a model; undefined where it can. */
function problemOf(table: Table): string | undefined {
  try {
    const declared = new Table(tableName(table), table.declared, table.options);
    return declared.quoted === table.quoted ? undefined : "its name has a dot";
  } catch (error) {
    if (error instanceof UsageError || error instanceof TypeError) return error.message.replace(/\s+/g, " ");
    throw error;
  }
}

/** How long lines may be, as far as they can be broken. */
const WIDTH = 100;

/** Items in brackets, on one line where that is short enough. */
function listed(open: string, close: string, items: readonly string[], indent: string): string {
  const space = open === "{" ? " " : "";
  const line = `${open}${space}${items.join(", ")}${space}${close}`;
  if (items.length === 0) return open + close;
  if (line.length + indent.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}${close}`;
}

const quotedText = (text: string): string => JSON.stringify(text);

/** The name of a property, as it stands in an object. */
const keyText = (name: string): string => (isIdentifier(name) ? name : quotedText(name));

/** SQL text as a template; it has no values. */
const template = ({ strings }: Sql): string => `sql\`${strings.join("").replace(/[`\\]|\$(?=\{)/g, "\\$&")}\``;

/** Writes classes, and keeps what they use of the package. */
class ModelsSource {
  readonly #used = new Set<string>();

  get imports(): string {
    const names = [...this.#used].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    return names.length === 0 ? "" : `import ${listed("{", "}", names, "")} from "rowkeeper";`;
  }

  classOf(model: PlannedModel): string {
    const { table, className } = model;
    const name = quotedText(tableName(table));
    const options = this.#options(model);
    const columns = (indent: string): string => {
      const lines = table.columns.map((column) => `${indent}  ${this.#column(model, column)},${noteOf(column)}\n`);
      return `{\n${lines.join("")}${indent}}`;
    };
    const made =
      options.length === 0
        ? `(${name}, ${columns("")})`
        : `(\n  ${name},\n  ${columns("  ")},\n  ${listed("{", "}", options, "  ")},\n)`;
    const members = [
      `  static override objects = new ${this.#use("Manager")}(this);\n`,
      ...model.relations.map((relation) => this.#relation(relation)),
    ];
    return `export class ${className} extends ${this.#use("Model")}${made} {\n${members.join("\n")}}`;
  }

  #use(name: string): string {
    this.#used.add(name);
    return name;
  }

  #sql(sql: Sql): string {
    this.#use("sql");
    return template(sql);
  }

  #column(model: PlannedModel, column: TableColumn): string {
    const { settings, type, name, property } = column;
    const link = model.foreignKeys.find(({ key }) => isOfColumn(key, column));
    const modifiers = [
      ...(name === snakeCase(property) ? [] : [`.column(${quotedText(name)})`]),
      ...(settings.postgresType === undefined ? [] : [`.postgresType(${quotedText(settings.postgresType)})`]),
      ...(settings.nullable === true ? [".nullable()"] : []),
      ...(settings.primaryKey === true ? [".primaryKey()"] : []),
      ...(settings.unique === true ? [".unique()"] : []),
      ...(settings.index === true ? [".index()"] : []),
      ...(settings.default === undefined ? [] : this.#default(settings.default)),
      ...(settings.checks ?? []).map((check) => `.check(${this.#sql(check)})`),
      ...(settings.excludedFromHash === true ? [".excludedFromHash()"] : []),
      ...(link === undefined ? [] : [`.references(${referenceArguments(link)})`]),
    ];
    return `${keyText(property)}: ${this.#type(type)}${modifiers.join("")}`;
  }

  #type(type: ColumnType): string {
    const name = this.#use(type.kind);
    switch (type.kind) {
      case "varchar":
        return `${name}(${type.length})`;
      case "numeric":
        return type.precision === undefined ? `${name}()` : `${name}(${type.precision}, ${type.scale ?? 0})`;
      case "oneOf":
        return `${name}(${type.values.map(quotedText).join(", ")})`;
      case "array":
        return `${name}(${this.#type(type.element)}${type.nullableElements ? ".nullable()" : ""})`;
      default:
        return `${name}()`;
    }
  }

  #default(given: ColumnDefault): string[] {
    if (given.by === "value") return [`.default(${literal(given.value)})`];
    if (given.by === "sql") return [`.${given.isComputed ? "generatedAs" : "defaultSql"}(${this.#sql(given.sql)})`];
    return given.by === "now" ? [".defaultNow()"] : [];
  }

  #options(model: PlannedModel): string[] {
    const { options, columns } = model.table;
    const lists = (name: string, items: readonly string[]): string[] =>
      items.length === 0 ? [] : [`${name}: ${listed("[", "]", items, "    ")}`];
    const foreignKeys = model.foreignKeys.filter(({ key }) => !columns.some((column) => isOfColumn(key, column)));
    const { softDelete, timestamps } = options;
    return [
      ...(options.primaryKey === undefined ? [] : [`primaryKey: ${listOf(options.primaryKey)}`]),
      ...lists("unique", (options.unique ?? []).map(listOf)),
      ...lists(
        "indexes",
        (options.indexes ?? []).map((index) => this.#index("columns" in index ? index : { columns: index })),
      ),
      ...lists(
        "checks",
        (options.checks ?? []).map((check) => this.#sql(check)),
      ),
      ...lists(
        "foreignKeys",
        foreignKeys.map((link) => foreignKey(link)),
      ),
      ...(softDelete === undefined ? [] : [`softDelete: ${quotedText(softDelete)}`]),
      ...(timestamps === undefined ? [] : [`timestamps: ${JSON.stringify(timestamps)}`]),
    ];
  }

  #index({ columns, unique, name, where, using }: IndexOptions): string {
    const items = columns.map((item) => (typeof item === "string" ? quotedText(item) : this.#sql(item)));
    const options = [
      ...(unique === undefined ? [] : [`unique: ${unique}`]),
      ...(name === undefined ? [] : [`name: ${quotedText(name)}`]),
      ...(using === undefined ? [] : [`using: ${quotedText(using)}`]),
      ...(where === undefined ? [] : [`where: ${this.#sql(where)}`]),
    ];
    const list = `[${items.join(", ")}]`;
    return options.length === 0 ? list : `{ columns: ${list}, ${options.join(", ")} }`;
  }

  #relation({ kind, name, target, pivot, keys }: PlannedRelation): string {
    const given = ["this", target.className, ...(pivot === undefined ? [] : [pivot.className]), ...keys.map(keyOf)];
    return `  get ${keyText(name)}() {\n    return ${this.#use(kind)}${listed("(", ")", given, "    ")};\n  }\n`;
  }
}

/** Whether a column that is no key is numbered by a sequence, which no model makes. */
const isOfSequence = ({ settings: { default: given } }: TableColumn): boolean =>
  given?.by === "sql" && given.isComputed !== true && /^nextval\(/i.test(given.sql.strings.join(""));

/** What no column can say: another type of the database's, or that it does not number its key. */
function noteOf(column: TableColumn): string {
  const { settings, type, isForeign } = column;
  const isNumber = type.kind === "integer" || type.kind === "bigint";
  const isGiven = settings.generated === false && isNumber && !isForeign && settings.default === undefined;
  const notes = [
    ...(settings.databaseType === settings.postgresType ? [] : [settings.databaseType?.replace(/\s+/g, " ")]),
    ...(isGiven ? ["not numbered by the database"] : []),
    ...(isOfSequence(column) ? ["createAll() makes no sequence"] : []),
  ];
  return notes.length === 0 ? "" : ` // ${notes.join("; ")}`;
}

/** Whether a foreign key is what the column says that it references. */
function isOfColumn({ model, columns }: ForeignKey<TableColumn>, column: TableColumn): boolean {
  return columns.length === 1 && columns[0] === column && model === column.settings.reference?.model;
}

const listOf = (properties: readonly string[]): string => `[${properties.map(quotedText).join(", ")}]`;

/** A key as relations take it: a property, or a list of them. */
function keyOf(columns: readonly TableColumn[]): string {
  const [only = "", ...more] = columns.map(({ property }) => property);
  return more.length === 0 ? quotedText(only) : listOf([only, ...more]);
}

const actionsOf = ({ key: { onDelete, onUpdate } }: Link): string[] => [
  ...(onDelete === undefined ? [] : [`onDelete: ${quotedText(onDelete)}`]),
  ...(onUpdate === undefined ? [] : [`onUpdate: ${quotedText(onUpdate)}`]),
];

function referenceArguments(link: Link): string {
  const { target, referenced } = link;
  const [column] = referenced ?? [];
  const told = column === undefined ? [] : [`column: ${quotedText(column)}`];
  const options = [...told, ...actionsOf(link)];
  return `() => ${target.className}${options.length === 0 ? "" : `, { ${options.join(", ")} }`}`;
}

function foreignKey(link: Link): string {
  const { key, target, referenced } = link;
  const columns = key.columns.map(({ property }) => property);
  const told = [
    `columns: ${listOf(columns)}`,
    `references: () => ${target.className}`,
    ...(referenced === undefined ? [] : [`referenced: ${listOf(referenced)}`]),
    ...actionsOf(link),
  ];
  return `{ ${told.join(", ")} }`;
}

/** A default as an expression; what it may be is what columns hold. */
function literal(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return String(value);
  if (value instanceof Date) return `new Date(${quotedText(value.toISOString())})`;
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(", ")})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return JSON.stringify(value);
}
