import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { type DatabaseOptions, join, sql } from "../../src/index.js";
import { type Engine, eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { Account, models } from "./models.js";

const SECRET = "sesame-4711";

/** What is printed to a standard error that is a terminal, or none, while `work` runs. */
async function printed(
  engine: Engine,
  work: (db: Awaited<ReturnType<typeof open>>) => unknown,
  {
    options = { log: true },
    isTerminal = false,
    noColor = "",
  }: { options?: DatabaseOptions; isTerminal?: boolean; noColor?: string } = {},
): Promise<string[]> {
  const lines: string[] = [];
  const { error } = console;
  const { isTTY, hasColors } = process.stderr;
  const { NO_COLOR } = process.env;
  await using db = await open(engine, models, options);
  console.error = (line: unknown) => lines.push(String(line));
  process.stderr.isTTY = isTerminal;
  process.stderr.hasColors = () => isTerminal;
  process.env.NO_COLOR = noColor;
  try {
    await work(db);
  } finally {
    console.error = error;
    process.stderr.isTTY = isTTY;
    process.stderr.hasColors = hasColors;
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = NO_COLOR;
  }
  return lines;
}

const use = async () => {
  await Account.objects.insert({ owner: SECRET });
  await assert.rejects(Account.objects.insert({ owner: SECRET }));
  await Account.objects.getInstances({ where: { owner: SECRET } });
};

eachEngine((engine) => {
  test("log: true prints each statement in a line, with its time, rows and place, aligned, without values (V8, M8)", async () => {
    const lines = await printed(engine, use);
    assert.equal(lines.length, 3);
    const [inserted, failed, read] = lines;
    assert.match(
      inserted ?? "",
      /^\[rowkeeper\] +[\d.]+ ms {2}1 row {6}insert into "accounts" .* {2}-- (waited [\d.]+ ms, )?\S*log\.spec\.ts:\d+:\d+$/,
    );
    assert.match(
      failed ?? "",
      / ms {2}failed {5}insert into .* -- UniqueViolationError, (waited [\d.]+ ms, )?\S*log\.spec\.ts:\d+:\d+$/,
    );
    assert.match(read ?? "", / ms {2}1 row {6}select "accounts"\."id"/);
    const columns = lines.map((line) => line.search(/insert into|select "/));
    assert.deepEqual(columns, [columns[0], columns[0], columns[0]]);
    assert.equal(lines.join().includes(SECRET), false);
    assert.equal(lines.join(), stripVTControlCharacters(lines.join()));
  });

  test("on a terminal the lines are the same, coloured, keywords told apart; NO_COLOR forbids it (V8)", async () => {
    const coloured = await printed(engine, use, { isTerminal: true });
    const plain = coloured.map(stripVTControlCharacters);
    assert.ok(coloured.every((line, i) => line !== plain[i]));
    assert.match(plain[0] ?? "", /^\[rowkeeper\] +[\d.]+ ms {2}1 row {6}insert into "accounts"/);
    const blue = "\u001b[34m";
    assert.ok(coloured[0]?.includes(`${blue}insert`));
    assert.equal(coloured[0]?.includes(`${blue}"accounts"`), false);
    const uncoloured = await printed(engine, use, { isTerminal: true, noColor: "1" });
    assert.equal(uncoloured.join(), stripVTControlCharacters(uncoloured.join()));
  });

  test("long SQL is printed in one line, without the middle of its lists; what is in quotes stays (V8)", async () => {
    const owners = Array.from({ length: 300 }, (_, i) => ({ owner: `o${i}`, balance: i }));
    const lines = await printed(engine, async (db) => {
      await Account.objects.insertMany(owners, { fetch: false });
      await db.query(sql`select id,
        owner, balance, ${sql`owner, balance, `} id, owner, owner, owner, owner, owner, owner, owner, owner, owner, owner,
        owner, owner, owner, owner, owner, owner, owner, owner, owner, owner, owner, owner, 'two  spaces' as x
        from accounts where owner <> ${"x"}`);
      await db.query(sql`select 'two  spaces' as x,
        -- why
        1 as y`);
    });
    assert.ok(lines.every((line) => line.length < 400 && !line.includes("\n")));
    assert.match(lines.at(-2) ?? "", /select id, owner, balance, .*, … from accounts where owner <> (\?|\$1)/);
    assert.match(lines.at(-1) ?? "", /select 'two {2}spaces' as x/);
  });

  test("of rows that are inserted together it is told how many there are beside the first (V8)", async () => {
    for (const [count, more] of [
      [40, 39],
      [41, 40],
    ] as const) {
      const texts = Array.from({ length: count }, () => sql`(${1}, ${2}, ${3}, ${4}, ${5}, ${6})`);
      const lines = await printed(engine, async (db) => {
        await db.query(join(texts, ", ", "values "));
      });
      assert.match(lines.at(-1) ?? "", new RegExp(`, … ${more} more`));
    }
  });

  test("log: a function gets the events (V8)", async () => {
    const texts: string[] = [];
    const log = ({ sql: text }: { readonly sql: string }) => texts.push(text);
    assert.deepEqual(await printed(engine, use, { options: { log } }), []);
    assert.equal(texts.filter((text) => text.startsWith("insert into")).length, 2);
  });
});
