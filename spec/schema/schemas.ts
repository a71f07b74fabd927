import * as fc from "fast-check";
import {
  type AnyModel,
  array,
  bigint,
  boolean,
  bytes,
  Column,
  date,
  integer,
  json,
  Model,
  numeric,
  oneOf,
  type ReferenceAction,
  raw,
  real,
  type TableOptions,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";

type AnyColumn = Column<unknown, boolean, boolean>;

/** A column of each type, with a default that it can have. */
interface Sample {
  readonly column: AnyColumn;
  /** A default as a value, and as SQL. */
  readonly value: unknown;
  readonly sql: string;
  /** Whether it can be unique, and a key. */
  readonly canBeKey: boolean;
}

const sample = (column: AnyColumn, value: unknown, sql: string, canBeKey = true): Sample => ({
  column,
  value,
  sql,
  canBeKey,
});

const odd = fc.string({
  unit: fc.constantFrom("a", "B", "'", '"', "\\", "/", "*", ",", "(", ")", " ", "é", "-"),
  maxLength: 6,
});

const scalar: fc.Arbitrary<Sample> = fc.oneof(
  fc.integer().map((value) => sample(integer(), value, "1 + 1")),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => sample(bigint(), value, "7")),
  fc.double({ noNaN: true }).map((value) => sample(real(), value, "0.5")),
  fc.integer().map((value) => sample(numeric(), String(value), "'1.5'", false)),
  fc.nat(9).map((scale) => sample(numeric(10, scale), "-1", "'2'")),
  odd.map((value) => sample(text(), value, "lower('A')")),
  odd.map((value) => sample(varchar(9), value, "'x'")),
  fc.boolean().map((value) => sample(boolean(), value, value ? "1 = 1" : "1 = 2")),
  fc
    .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true })
    .map((value) => sample(timestamp(), value, "'2024-05-06T07:08:09.000Z'")),
  fc.constant(sample(date(), "2024-02-29", "'2000-01-01'")),
  fc.uuid().map((value) => sample(uuid(), value, "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'")),
  fc
    .json()
    .filter((text) => text !== "null" && !text.includes("\\u0000"))
    .map((text) => sample(json(), JSON.parse(text), "'[1]'", false)),
  fc.uint8Array({ maxLength: 4 }).map((value) => sample(bytes(), value, "null")),
  fc
    .uniqueArray(odd, { minLength: 1, maxLength: 4 })
    .map(([first = "", ...more]) => sample(oneOf(first, ...more), first, `'${first.replaceAll("'", "''")}'`)),
);

const list: fc.Arbitrary<Sample> = fc.tuple(scalar, fc.boolean()).map(([item, nullable]) => {
  const column = array(nullable ? item.column.nullable() : item.column);
  return sample(column, nullable ? [item.value, null] : [item.value, item.value], "null", false);
});

/** What is said of a column besides its type; booleans that do not apply are passed over. */
const modifiers = fc.record({
  nullable: fc.boolean(),
  unique: fc.boolean(),
  index: fc.boolean(),
  given: fc.constantFrom("none", "none", "value", "sql", "function", "now"),
  name: fc.option(fc.constantFrom("Odd", 'quo"ted', "with space", "select", "é"), { nil: undefined, freq: 6 }),
  checks: fc.array(fc.nat(3), { maxLength: 2 }),
});

type Modifiers = typeof modifiers extends fc.Arbitrary<infer M> ? M : never;

const CHECKS = [
  (name: string) => `${name} is not null or 1 = 1`,
  (name: string) => `coalesce(${name}, ${name}) = ${name}`,
  (name: string) => `not (${name} <> ${name}) /* a ) comment */`,
  (name: string) => `${name} is null or ${name} between ${name} and ${name}`,
];

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

function columnOf({ column, value, sql, canBeKey }: Sample, said: Modifiers, property: string): AnyColumn {
  let made = column;
  const { kind } = made.settings.type;
  if (said.name !== undefined) made = made.column(`${said.name} ${property}`);
  if (said.nullable) made = made.nullable();
  if (said.unique && canBeKey) made = made.unique();
  if (said.index && kind !== "json") made = made.index();
  if (said.given === "value") made = new Column({ ...made.settings, default: { by: "value", value } });
  if (said.given === "function") made = made.default(() => value);
  if (said.given === "sql" && (sql !== "null" || said.nullable)) made = made.defaultSql(raw(sql));
  if (said.given === "now" && (kind === "timestamp" || kind === "date")) made = made.defaultNow();
  const name = quote(said.name === undefined ? property : `${said.name} ${property}`);
  for (const check of kind === "json" || kind === "array" ? [] : said.checks)
    made = made.check(raw(CHECKS[check]?.(name) ?? ""));
  return made;
}

const actions = fc.record(
  {
    onDelete: fc.constantFrom<ReferenceAction>("cascade", "restrict", "set null", "no action"),
    onUpdate: fc.constantFrom<ReferenceAction>("cascade", "restrict", "no action"),
  },
  { requiredKeys: [] },
);

const reference = fc.record({ to: fc.nat(), actions });

const tableShape = fc.record({
  key: fc.constantFrom("generated", "big", "uuid", "text", "composite", "none"),
  columns: fc.array(fc.tuple(fc.oneof({ weight: 5, arbitrary: scalar }, { weight: 1, arbitrary: list }), modifiers), {
    minLength: 2,
    maxLength: 7,
  }),
  references: fc.array(reference, { maxLength: 3 }),
  unique: fc.boolean(),
  indexes: fc.array(
    fc.record({
      items: fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 }),
      descends: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      kind: fc.constantFrom("plain", "unique", "partial", "expression"),
    }),
    { maxLength: 3 },
  ),
  check: fc.boolean(),
});

type TableShape = typeof tableShape extends fc.Arbitrary<infer T> ? T : never;

const KEYS: Readonly<Record<string, () => AnyColumn>> = {
  generated: () => integer().primaryKey(),
  big: () => bigint().primaryKey(),
  uuid: () => uuid().primaryKey(),
  text: () => text().primaryKey(),
};

/** What is of the table's own: uniques, indexes, checks. */
function optionsOf(shape: TableShape, columns: Readonly<Record<string, AnyColumn>>): TableOptions {
  const ordered = Object.keys(columns).filter(
    (property) => !["json", "array"].includes(columns[property]?.settings.type.kind ?? ""),
  );
  const keyable = ordered.filter((property) => {
    const type = columns[property]?.settings.type;
    return property.startsWith("c") && !(type?.kind === "numeric" && type.precision === undefined);
  });
  const nameOf = (property: string) => quote(columns[property]?.settings.name ?? property);
  const indexes = shape.indexes.flatMap(({ items, descends, kind }, i) => {
    const from = kind === "unique" ? keyable : ordered;
    const properties = items.flatMap((item) => from[item] ?? []);
    const [first] = properties;
    if (first === undefined) return [];
    const named = properties.map((property, i) => (descends[i] ? `-${property}` : property));
    if (kind === "expression")
      return { columns: [raw(`coalesce(${nameOf(first)}, ${nameOf(first)}) desc`), ...named.slice(1)] };
    if (kind === "partial") return { columns: named, where: raw(`${nameOf(first)} is not null and ${i} = ${i}`) };
    return { columns: named, unique: kind === "unique" };
  });
  const key = shape.key === "composite" ? keyable.slice(0, 2) : [];
  return {
    indexes: indexes.filter((index, i) => indexes.findIndex((other) => sameIndex(index, other)) === i),
    ...(key.length === 2 && { primaryKey: key.toReversed() }),
    ...(shape.unique && keyable.length > 1 && { unique: [keyable.slice(-2)] }),
    ...(shape.check && { checks: [raw("1 = 1"), raw("not (1 > 2) or ')' = '('")] }),
  };
}

const keyOf = (index: object) =>
  JSON.stringify(index, (_key, value: unknown) => (typeof value === "bigint" ? "" : value));
const sameIndex = (one: object, other: object) => keyOf(one) === keyOf(other);

/** The tables of a schema, which refer to each other in circles and to themselves. */
function modelsOf(shapes: readonly TableShape[], prefix: string): AnyModel[] {
  const models: AnyModel[] = [];
  const targets = shapes.flatMap(({ key }, i) => (key in KEYS ? [i] : []));
  for (const [i, shape] of shapes.entries()) {
    const columns: Record<string, AnyColumn> = {};
    const key = KEYS[shape.key]?.();
    if (key !== undefined) columns.id = key;
    for (const [n, [sample, said]] of shape.columns.entries()) columns[`c${n}`] = columnOf(sample, said, `c${n}`);
    for (const [n, { to, actions }] of shape.references.entries()) {
      const target = targets[to % targets.length];
      const type = target === undefined ? undefined : KEYS[shapes[target]?.key ?? ""]?.().settings.type;
      if (target === undefined || type === undefined) continue;
      const column: AnyColumn = new Column({ type, nullable: true });
      columns[`r${n}`] = column.references(() => models[target], actions);
    }
    const options = optionsOf(shape, columns);
    models.push(class extends Model(`${prefix}t${i}`, columns, options) {});
  }
  return models;
}

/** Generated schemas, each as what makes its models, of tables whose names begin with a prefix. */
export const schemas = fc
  .array(tableShape, { minLength: 1, maxLength: 3 })
  .map((shapes) => (prefix: string) => modelsOf(shapes, prefix));
