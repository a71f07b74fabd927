/** The related models in JavaScript: rows, and how they are related and chosen. */
import fc from "fast-check";

type Row = Readonly<Record<string, unknown>>;

/** The rows of each table; what was deleted softly says so. */
export type World = Readonly<Record<ModelName, readonly Row[]>>;

export type ModelName =
  | "companies"
  | "employees"
  | "badges"
  | "lockers"
  | "skills"
  | "masteries"
  | "friendships"
  | "places";

interface Relations {
  readonly target: ModelName;
  readonly rows: (world: World, row: Row) => readonly Row[];
}

interface ModelFacts {
  /** Columns with values to look for. */
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly paths: Readonly<Record<string, Relations>>;
  /** To-one, but not by a key that is unique. */
  readonly ones: Readonly<Record<string, Relations>>;
  readonly many: Readonly<Record<string, Relations>>;
}

const IDS = [1, 2, 3, 4, 5, 6];
const NAMES = ["a", "b", "ä", ""];
const AGES = [1, 2, 3];
const AREAS = ["x", "y", "it's"];

const isThere = ({ isDeleted }: Row): boolean => isDeleted !== true;
/** Equal as in SQL, where nulls are not. */
const isSame = (a: unknown, b: unknown): boolean => a !== null && a === b;
const where =
  (target: ModelName, isOf: (row: Row, other: Row, world: World) => boolean): Relations["rows"] =>
  (world, row) =>
    world[target].filter((other) => isThere(other) && isOf(row, other, world));
const relation = (target: ModelName, isOf: (row: Row, other: Row, world: World) => boolean): Relations => ({
  target,
  rows: where(target, isOf),
});
const hasMastery = (world: World, person: Row, skill: Row): boolean =>
  world.masteries.some(
    (each) => isThere(each) && each.personId === person.id && each.area === skill.area && each.skill === skill.name,
  );
const areFriends = (world: World, a: unknown, b: unknown): boolean =>
  world.friendships.some(({ aId, bId }) => (aId === a && bId === b) || (aId === b && bId === a));

export const FACTS: Readonly<Partial<Record<ModelName, ModelFacts>>> = {
  companies: {
    columns: { id: IDS, name: NAMES, ceoId: IDS },
    paths: { ceo: relation("employees", ({ ceoId }, { id }) => isSame(ceoId, id)) },
    ones: {},
    many: { employees: relation("employees", ({ id }, { companyId }) => isSame(id, companyId)) },
  },
  employees: {
    columns: { id: IDS, name: NAMES, age: AGES, bossId: IDS },
    paths: {
      boss: relation("employees", ({ bossId }, { id }) => isSame(bossId, id)),
      company: relation("companies", ({ companyId }, { id }) => isSame(companyId, id)),
      badge: relation("badges", ({ id }, { holderId }) => isSame(id, holderId)),
    },
    ones: { locker: relation("lockers", ({ id }, { ownerId }) => isSame(id, ownerId)) },
    many: {
      reports: relation("employees", ({ id }, { bossId }) => isSame(id, bossId)),
      skills: relation("skills", (person, skill, world) => hasMastery(world, person, skill)),
      friends: relation("employees", ({ id }, other, world) => areFriends(world, id, other.id)),
      places: relation("places", ({ placeIds }, { id }) => String(placeIds).split(",").includes(String(id))),
    },
  },
  badges: {
    columns: { code: ["k1", "k2"], level: ["low", "high"] },
    paths: { holder: relation("employees", ({ holderId }, { id }) => isSame(holderId, id)) },
    ones: {},
    many: {},
  },
  lockers: { columns: { id: IDS }, paths: {}, ones: {}, many: {} },
  skills: {
    columns: { area: AREAS, name: NAMES, rank: AGES },
    paths: {},
    ones: {},
    many: { people: relation("employees", (skill, person, world) => hasMastery(world, person, skill)) },
  },
  places: { columns: { id: IDS, name: NAMES }, paths: {}, ones: {}, many: {} },
};

const factsOf = (model: ModelName): ModelFacts => FACTS[model] ?? { columns: {}, paths: {}, ones: {}, many: {} };

/** One condition: what stands at the end of a path. */
export interface Clause {
  readonly path: readonly string[];
  readonly end: ColumnEnd | OneEnd | ManyEnd;
}
interface ColumnEnd {
  readonly column: string;
  /** A value, null, or a list. */
  readonly is: unknown;
}
interface OneEnd {
  readonly one: string;
  readonly fulfils: readonly Clause[] | null;
}
interface ManyEnd {
  readonly many: string;
  readonly some?: readonly Clause[] | undefined;
  readonly none?: readonly Clause[] | undefined;
  readonly every?: readonly Clause[] | undefined;
}

/** The steps of a path, and the model that it leads to. */
function anyPath(model: ModelName, steps: number): fc.Arbitrary<{ path: readonly string[]; model: ModelName }> {
  const { paths } = factsOf(model);
  const here = fc.constant({ path: [] as readonly string[], model });
  if (steps === 0 || Object.keys(paths).length === 0) return here;
  const further = fc
    .constantFrom(...Object.entries(paths))
    .chain(([name, { target }]) =>
      anyPath(target, steps - 1).map((rest) => ({ path: [name, ...rest.path], model: rest.model })),
    );
  return fc.oneof(here, further);
}

/** Conditions on the rows of a model, nested at most so deep. */
export function anyClauses(model: ModelName, depth: number): fc.Arbitrary<readonly Clause[]> {
  const clause = anyPath(model, 2).chain(({ path, model: end }) => anyEnd(end, depth).map((of) => ({ path, end: of })));
  return fc.array(clause, { maxLength: depth === 0 ? 1 : 2, minLength: 0 });
}

function anyEnd(model: ModelName, depth: number): fc.Arbitrary<Clause["end"]> {
  const { columns, paths, ones, many } = factsOf(model);
  const ofColumn = fc.constantFrom(...Object.entries(columns)).chain(([column, values]) => {
    const value = fc.constantFrom(...values);
    const is = fc.oneof(value, fc.constant(null), fc.array(fc.oneof(value, fc.constant(null)), { maxLength: 3 }));
    return is.map((one) => ({ column, is: one }));
  });
  if (depth === 0) return ofColumn;
  const toOne = Object.entries({ ...paths, ...ones }).map(([one, { target }]) =>
    fc.option(anyClauses(target, depth - 1), { freq: 4 }).map((fulfils) => ({ one, fulfils })),
  );
  const toMany = Object.entries(many).map(([name, { target }]) => {
    const clauses = fc.option(anyClauses(target, depth - 1), { nil: undefined });
    return fc
      .record({ some: clauses, none: clauses, every: clauses })
      .map((of) => ((of.some ?? of.none ?? of.every) === undefined ? { ...of, some: [] } : of))
      .map((of) => ({ many: name, ...of }));
  });
  return fc.oneof(ofColumn, ...toOne, ...toMany);
}

/** The conditions as a `where`, one object for each. */
export function whereOf(clauses: readonly Clause[]): object {
  const [first, ...more] = clauses.map(({ path, end }): Record<string, unknown> => {
    if ("column" in end) return { [[...path, end.column].join(".")]: end.is };
    if ("one" in end) return { [[...path, end.one].join(".")]: end.fulfils === null ? null : whereOf(end.fulfils) };
    const given = Object.entries({ some: end.some, none: end.none, every: end.every }).flatMap(([name, of]) =>
      of === undefined ? [] : [[name, whereOf(of)] as const],
    );
    return { [[...path, end.many].join(".")]: Object.fromEntries(given) };
  });
  return more.length === 0 ? (first ?? {}) : [first, ...more];
}

/** Whether a row fulfils the conditions; of a row that is missing, all columns are null and nothing is related. */
export function fulfils(world: World, model: ModelName, row: Row | undefined, clauses: readonly Clause[]): boolean {
  return clauses.every(({ path, end }) => {
    let [at, of] = [row, model];
    for (const step of path) {
      const { target, rows } = factsOf(of).paths[step] as Relations;
      [at, of] = [at === undefined ? undefined : rows(world, at)[0], target];
    }
    if ("column" in end) return isOneOf(at?.[end.column] ?? null, end.is);
    const { paths, ones, many } = factsOf(of);
    const { target, rows } = { ...paths, ...ones, ...many }["one" in end ? end.one : end.many] as Relations;
    const others = at === undefined ? [] : rows(world, at);
    const fulfil = (of: readonly Clause[]) => others.filter((other) => fulfils(world, target, other, of)).length;
    if ("one" in end) return end.fulfils === null ? others.length === 0 : fulfil(end.fulfils) > 0;
    const isSome = end.some === undefined || fulfil(end.some) > 0;
    const isNone = end.none === undefined || fulfil(end.none) === 0;
    return isSome && isNone && (end.every === undefined || fulfil(end.every) === others.length);
  });
}

function isOneOf(value: unknown, wanted: unknown): boolean {
  return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
}

/** The value at the end of a path; null where a step is missing. */
export function valueAt(world: World, model: ModelName, row: Row, path: readonly string[], column: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return row[column] ?? null;
  const { target, rows } = factsOf(model).paths[step] as Relations;
  const [next] = rows(world, row);
  return next === undefined ? null : valueAt(world, target, next, rest, column);
}

/** The rows that a to-many leads to. */
export function relatedRows(world: World, model: ModelName, row: Row, name: string): readonly Row[] {
  return (factsOf(model).many[name] as Relations).rows(world, row);
}

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { freq: 3 });
const anyId = fc.integer({ min: 1, max: 6 });
const anyName = fc.constantFrom(...NAMES);
const isDeleted = fc.nat({ max: 3 }).map((n) => n === 0);
const unique = <T>(rows: fc.Arbitrary<T>, maxLength: number, key: (row: T) => string) =>
  fc.uniqueArray(rows, { maxLength, selector: key });

const numbered = <T extends object>(rows: readonly T[]) => rows.map((row, i) => ({ id: i + 1, ...row }));

export const anyWorld: fc.Arbitrary<World> = fc.record({
  companies: fc.array(fc.record({ name: anyName, ceoId: maybe(anyId), isDeleted }), { maxLength: 3 }).map(numbered),
  employees: fc
    .array(
      fc.record({
        name: anyName,
        age: maybe(fc.constantFrom(...AGES)),
        bossId: maybe(anyId),
        companyId: maybe(fc.integer({ min: 1, max: 4 })),
        placeIds: fc.array(fc.constantFrom(1, 2, 11, 12), { maxLength: 3 }).map((ids) => ids.join(",")),
      }),
      { maxLength: 6 },
    )
    .map(numbered),
  badges: unique(
    fc.record({
      code: fc.constantFrom("k1", "k2", "k3"),
      holderId: anyId,
      level: maybe(fc.constantFrom("low", "high")),
    }),
    3,
    ({ code }) => code,
  ).map((badges) => badges.filter((badge, i) => badges.findIndex((b) => b.holderId === badge.holderId) === i)),
  lockers: fc.array(fc.record({ ownerId: anyId }), { maxLength: 4 }).map(numbered),
  skills: unique(
    fc.record({ area: fc.constantFrom(...AREAS), name: anyName, rank: maybe(fc.constantFrom(...AGES)), isDeleted }),
    5,
    ({ area, name }) => `${area} ${name}`,
  ),
  masteries: unique(
    fc.record({ personId: anyId, area: fc.constantFrom(...AREAS), skill: anyName, isDeleted }),
    8,
    ({ personId, area, skill }) => `${personId} ${area} ${skill}`,
  ),
  friendships: unique(
    fc.record({ aId: anyId, bId: anyId }).filter(({ aId, bId }) => aId < bId),
    4,
    ({ aId, bId }) => `${aId} ${bId}`,
  ),
  places: fc
    .subarray([1, 2, 11, 12])
    .chain((ids) => fc.tuple(...ids.map((id) => fc.record({ id: fc.constant(id), name: anyName })))),
});
