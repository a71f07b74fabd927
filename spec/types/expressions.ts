/** Expressions, aggregates, views: what their types are. Compiled, never run. */
import {
  alias,
  array,
  avg,
  count,
  cte,
  denseRank,
  exists,
  expression,
  integer,
  json,
  lag,
  Model,
  max,
  min,
  not,
  numeric,
  rank,
  rowNumber,
  type Selectable,
  sql,
  stringAgg,
  sum,
  text,
  timestamp,
} from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { Specimen, User } from "./models.js";

class Account extends Model("accounts", {
  id: integer().primaryKey(),
  owner: text(),
  nick: text().nullable(),
  points: integer().nullable(),
  balance: numeric(10, 2),
  at: timestamp(),
  tags: array(text()),
  settings: json<{
    theme: { colors: string[]; dark?: boolean };
    size: number | null;
    kind: "a" | "b";
    home?: { city: string; tags?: string[] } | null;
  }>().nullable(),
  anything: json<unknown>(),
}) {}

const { c } = Account;
const { objects } = Account;

/** The type of what an expression gives. */
function given<T>(value: Selectable<T>): T;
function given(): unknown {
  return undefined;
}

export async function aggregates() {
  const row = await objects.aggregate({
    n: count(),
    named: count("nick", { distinct: true }),
    total: sum("points"),
    exact: sum("balance"),
    big: sum(Specimen.c.aBigint),
    mean: avg("points"),
    exactMean: avg(c.balance),
    bigMean: avg(Specimen.c.aBigint),
    first: min("at"),
    last: max(c.owner),
    all: stringAgg("owner", ", "),
    other: stringAgg(c.nick),
    more: sum(c.points).plus(1),
  });
  expectShape<{
    n: number;
    named: number;
    total: number | null;
    exact: string | null;
    big: bigint | null;
    mean: number | null;
    exactMean: string | null;
    bigMean: number | null;
    first: Date | null;
    last: string | null;
    all: string | null;
    other: string | null;
    more: number | null;
  }>()(row);

  const groups = await objects.aggregate({ n: count(), total: sum("balance") }, { groupBy: ["owner", "nick"] });
  expectShape<{ owner: string; nick: string | null; n: number; total: string | null }[]>()(groups);
  const one = await objects.aggregate({ n: count() }, { groupBy: "points", where: { owner: "x" } });
  expectShape<{ points: number | null; n: number }[]>()(one);
  const letter = expression(text(), sql`substr(${c.owner}, 1, 1)`);
  const named = await objects.aggregate({ letter, n: count() }, { groupBy: "letter" });
  expectShape<{ letter: string; n: number }[]>()(named);

  // @ts-expect-error an unknown column
  await objects.aggregate({ n: sum("pionts") });
  // @ts-expect-error an unknown column to group by
  await objects.aggregate({ n: count() }, { groupBy: "onwer" });
  // @ts-expect-error one unknown of several
  await objects.aggregate({ n: count() }, { groupBy: ["owner", "m"] });
  // @ts-expect-error an unknown option
  await objects.aggregate({ n: count() }, { groupBy: "owner", limits: 3 });
  // @ts-expect-error groups are wanted for it
  await objects.aggregate({ n: count() }, { limit: 3 });
  // @ts-expect-error an unknown option of an aggregate
  count("owner", { distinkt: true });
  // @ts-expect-error times are not added
  sum(c.at);
  // @ts-expect-error texts are put together, not numbers
  stringAgg(c.points);
  // @ts-expect-error a condition
  count({ where: "points > 3" });
  // @ts-expect-error not null where there may be nothing
  row.total.toFixed();
}

export async function groups() {
  const selection = { n: count(), total: sum("points") } as const;
  const by = { groupBy: "owner" } as const;
  await objects.aggregate(selection, { ...by, orderBy: "-total", limit: 3, offset: 1 });
  await objects.aggregate(selection, { ...by, orderBy: ["owner", "-n", c.owner.asc(), sql`1`] });
  await objects.aggregate(selection, { ...by, having: { n: [1, 2], total: null, owner: c.owner.startsWith("a") } });
  await objects.aggregate(selection, { ...by, having: [count().gt(2), sql`1 = 1`] });
  await objects.aggregate({ n: count(), total: sum("points") }, { groupBy: "owner", having: count().gt(2) });
  await objects.aggregate(
    { n: count(), total: sum("points") },
    {
      groupBy: "owner",
      having: ({ n, total, owner }) => [n.gt(2), total.plus(1).lt(5), owner.iContains("x")],
    },
  );

  // @ts-expect-error neither grouped by nor an aggregate
  await objects.aggregate(selection, { ...by, orderBy: "points" });
  // @ts-expect-error an unknown name in having
  await objects.aggregate(selection, { ...by, having: { m: 1 } });
  // @ts-expect-error a wrong value in having
  await objects.aggregate(selection, { ...by, having: { n: "1" } });
  // @ts-expect-error a wrong operand in having
  await objects.aggregate({ n: count() }, { groupBy: "owner", having: ({ n }) => n.gt("2") });
  // @ts-expect-error an unknown name in having
  await objects.aggregate({ n: count() }, { groupBy: "owner", having: ({ m }) => m.gt(2) });
  // @ts-expect-error what having gives is conditions
  await objects.aggregate({ n: count() }, { groupBy: "owner", having: () => true });
}

export async function selects() {
  const rows = await objects
    .setSql(
      Account.select({
        id: "id",
        who: "nick",
        place: rank().over({ partitionBy: c.owner, orderBy: c.points.desc() }),
        number: rowNumber().over(),
        dense: denseRank().over({ orderBy: [c.at.asc()] }),
        before: lag(c.points).over({ orderBy: c.id.asc() }),
        running: sum(c.balance).over({ orderBy: c.id.asc() }),
        twice: c.points.times(2),
        n: c.tags.size(),
        maybe: expression(integer().nullable(), sql`1`),
        all: count("id"),
      }),
    )
    .fetchall();
  expectShape<
    {
      id: number;
      who: string | null;
      place: number;
      number: number;
      dense: number;
      before: number | null;
      running: string | null;
      twice: number | null;
      n: number | null;
      maybe: number | null;
      all: number;
    }[]
  >()(rows);
  // @ts-expect-error an unknown column
  Account.select({ id: "di" });
  // @ts-expect-error a value is no expression
  Account.select({ id: 1 });
  // @ts-expect-error no condition on groups
  Account.select("owner").having("n > 1");
  // @ts-expect-error an unknown column
  Account.select("owner").groupBy("onwer");
  // @ts-expect-error an order, not a name
  rank().over({ orderBy: "points" });
  // @ts-expect-error an unknown option
  rank().over({ order: c.points.asc() });
}

export async function views() {
  const top = cte("top", Account.select({ id: "id", who: "nick", total: sum("balance") }).groupBy("id"));
  expectShape<{ id: number; who: string | null; total: string | null }[]>()(
    await objects.setSql(top.select()).where(top.c.total.gt("3")).orderBy("-who").fetchall(),
  );
  expectShape<{ who: string | null }[]>()(await objects.setSql(top.select(["who"])).fetchall());
  expectShape<{ n: number; most: string | null }[]>()(
    await objects.setSql(top.select({ n: count(), most: max("total") })).fetchall(),
  );
  const numbers = cte("numbers", { n: integer(), name: text().nullable() }, sql`select 1, null`, { recursive: true });
  expectShape<{ n: number; name: string | null }[]>()(await objects.setSql(numbers.select()).fetchall());
  const boss = alias(Account, "boss");
  expectShape<{ id: number; nick: string | null }[]>()(await objects.setSql(boss.select(["id", "nick"])).fetchall());
  await objects.getItems({ where: not(exists(boss.select("id").where([boss.c.owner.eq(c.owner), { points: 3 }]))) });

  // @ts-expect-error not selected
  top.c.balance;
  // @ts-expect-error a text, not a number
  top.c.total.gt(3);
  // @ts-expect-error an unknown column
  top.select(["id", "whom"]);
  // @ts-expect-error an unknown column
  objects.setSql(top.select()).where({ owner: "x" });
  // @ts-expect-error an unknown column
  boss.c.onwer;
  // @ts-expect-error not a select
  cte("x", sql`select 1`);
  // @ts-expect-error not a select
  exists(sql`select 1`);
  // @ts-expect-error not a model
  alias(top, "again");
}

export function paths() {
  const { settings, anything } = c;
  expectType<string[] | null>()(given(settings.path("theme", "colors")));
  expectType<string | null>()(given(settings.path("theme", "colors", -1)));
  expectType<string | null>()(given(settings.path("theme").path("colors").path(0)));
  expectType<number | null>()(given(settings.path("size")));
  expectType<string | null>()(given(settings.path("home", "city")));
  expectType<string | null>()(given(settings.path("home", "tags", 0)));
  expectType<boolean | null>()(given(settings.path("theme", "dark").asBoolean()));
  expectType<string | null>()(given(settings.asText()));
  expectType<unknown>()(given(anything.path("a", 0)));
  expectType<number | null>()(given(anything.path("a").asNumber()));
  const conditions = [
    settings.path("size").gt(3),
    settings.path("home", "city").iEq("wien"),
    settings.path("size").eq(null),
    settings.path("kind").in(["a", "b"]),
    settings.path("kind").iContains("A"),
    settings.path("theme", "colors").has("red"),
    settings.path("theme", "colors").hasAny(["red"]),
    settings.path("theme", "colors").size().gte(1),
    settings.path("theme", "colors", 0).startsWith("r"),
    settings.path("size").lt(c.points),
    anything.path(0).eq("x"),
    c.tags.has("x"),
    c.tags.hasAll(["x", "y"]),
  ];

  // @ts-expect-error an unknown key
  settings.path("them");
  // @ts-expect-error an unknown key, deeper
  settings.path("theme", "colour");
  // @ts-expect-error a key of a list
  settings.path("theme", "colors", "first");
  // @ts-expect-error nothing is in a number
  settings.path("size", "x");
  // @ts-expect-error a wrong value
  settings.path("size").eq("3");
  // @ts-expect-error not one of them
  settings.path("kind").eq("c");
  // @ts-expect-error objects have no order
  settings.path("theme").gt({ colors: [] });
  // @ts-expect-error numbers are no text
  settings.path("size").contains("3");
  // @ts-expect-error a number is no list
  settings.path("size").has(3);
  // @ts-expect-error a list of texts
  settings.path("theme", "colors").has(3);
  // @ts-expect-error a list of texts
  c.tags.has(1);
  // @ts-expect-error a text is no list
  c.owner.has("x");
  // @ts-expect-error and has no paths
  c.owner.path("x");
  return conditions;
}

export function operands() {
  const conditions = [
    c.points.eq(Account.select("points")),
    c.points.eq(Account.select({ most: max("points") })),
    c.points.gt(c.id),
    c.points.lt(c.points.plus(1)),
    c.id.in(Account.select("id").where({ owner: "x" })),
    c.owner.notIn(User.select("name")),
    c.owner.eq(sql`lower(${c.nick})`),
    c.balance.gt(Account.select({ mean: avg("balance") })),
  ];
  expectType<number | null>()(given(c.points.plus(c.id)));
  expectType<number>()(given(c.id.minus(1)));
  expectType<string>()(given(c.balance.times(c.id)));

  // @ts-expect-error a select of another type
  c.points.eq(Account.select("owner"));
  // @ts-expect-error a select of another type
  c.points.in(User.select("name"));
  // @ts-expect-error a column of another type
  c.points.eq(c.owner);
  // @ts-expect-error a select of several columns of other types
  c.points.in(Account.select(["id", "owner"]));
  // @ts-expect-error times are not added
  c.at.plus(1);
  // @ts-expect-error a text to a number
  c.points.plus("1");
  // @ts-expect-error a text
  c.points.iEq("x");
  // @ts-expect-error a text
  c.owner.iEq(3);
  return conditions;
}
