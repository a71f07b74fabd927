import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  array,
  bigint,
  boolean,
  bytes,
  type Database,
  date,
  integer,
  json,
  Model,
  numeric,
  type Preview,
  real,
  sql,
  TransactionClosedError,
  text,
  timestamp,
  UniqueViolationError,
  UsageError,
  uuid,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Post, people, User } from "./models.js";

class Node extends Model("nodes", {
  id: integer().primaryKey(),
  parentId: integer()
    .nullable()
    .references(() => Node, { onDelete: "set null", onUpdate: "cascade" }),
  label: text().unique().nullable(),
}) {}

class Pair extends Model(
  "pairs",
  { a: integer(), b: text(), amount: integer().default(0) },
  { primaryKey: ["a", "b"] },
) {}

class Loose extends Model("loose_rows", { word: text().nullable(), n: integer().nullable() }) {}

class Named extends Model("named", {
  id: integer().primaryKey(),
  wholeRow: integer().nullable(),
  oldRow: integer().nullable(),
  newRow: integer().nullable(),
  old: integer().nullable(),
  new: integer().nullable(),
  op: integer().nullable(),
  place: integer().nullable(),
  o0: integer().nullable(),
  n0: integer().nullable(),
}) {}

class Everything extends Model("everything", {
  id: uuid().primaryKey(),
  big: bigint().nullable(),
  share: real().nullable(),
  price: numeric(10, 2).nullable(),
  flag: boolean().nullable(),
  at: timestamp().nullable(),
  day: date().nullable(),
  doc: json().nullable(),
  raw: bytes().nullable(),
  list: array(text()).nullable(),
}) {}

const nothing = { inserted: [], updated: [], deleted: [] };
const scriptsRun = async (db: Database, ...texts: string[]) => {
  await using connection = await db.connect();
  for (const script of texts) await connection.executeScript(script);
};

eachEngine((engine) => {
  describe("a preview (B5)", () => {
    test("watches tables whose columns have the names that its triggers use", async () => {
      await using db = await open(engine, [Named]);
      const row = await db
        .objects(Named)
        .insert({ wholeRow: 1, oldRow: 1, newRow: 1, old: 1, new: 1, op: 1, place: 1, o0: 9 });
      const preview = await db.preview(async (tx) => {
        await db.objects(Named).using(tx).update("all", { wholeRow: 2, oldRow: 3, newRow: 4, old: 5, new: 6, op: 7 });
        await db.objects(Named).using(tx).insert({ place: 9 });
        await db.objects(Named).using(tx).delete({ place: 9 });
        // On SQLite the row that is in the way is only "seen".
        await db.objects(Named).using(tx).upsert({ id: row.id, op: 7 });
      });
      const after = { ...row.data, wholeRow: 2, oldRow: 3, newRow: 4, old: 5, new: 6, op: 7 };
      assert.deepEqual(preview.of(Named), { inserted: [], updated: [{ before: row.data, after }], deleted: [] });
    });

    test("gives what was inserted, updated and deleted, and the result, and leaves nothing behind", async () => {
      await using db = await open(engine, [User, Post]);
      await User.objects.insertMany(people(["a", 1], ["b", 2], ["c", 3]));
      const before = await User.objects.getItems({ orderBy: "id" });
      const preview = await User.objects.preview(async (tx) => {
        await tx.update({ age: 1 }, { name: "A", active: false });
        await tx.delete({ name: "b" });
        await tx.insertMany(people(["d", 4], ["e", 5]));
        return 7;
      });
      assert.equal(preview.result, 7);
      const { inserted, updated, deleted } = preview.of(User);
      assert.deepEqual(updated, [{ before: before[0], after: { ...before[0], name: "A", active: false } }]);
      assert.deepEqual(deleted, [before[1]]);
      assert.deepEqual(
        inserted.map(({ name, age, active }) => [name, age, active]),
        [
          ["d", 4, true],
          ["e", 5, true],
        ],
      );
      assert.ok(inserted[0]?.createdAt instanceof Date);
      assert.deepEqual(preview.models, [User]);
      assert.deepEqual(preview.of(Post), nothing);
      assert.deepEqual(await User.objects.getItems({ orderBy: "id" }), before);
      await db.dropAll(); // No trigger and no table of the preview is left that would refer to them.
    });

    test("leaves no trigger and no table, neither alone nor within a transaction", async () => {
      await using db = await open(engine, [User, Post]);
      const left = async () => {
        await using connection = await db.connect();
        const { rows } = await connection.execute(
          engine.dialect === "sqlite"
            ? "select name from sqlite_temp_schema where name like '%preview%'"
            : "select tgname from pg_trigger where tgname like '%preview%' and tgrelid = '\"users\"'::regclass",
        );
        return rows;
      };
      await User.objects.preview((tx) => tx.insert({ name: "x" }));
      assert.deepEqual(await left(), []);
      await User.objects.transaction(async (tx) => {
        await tx.insert({ name: "kept" });
        const preview = await tx.preview((inner) => inner.delete("all"));
        assert.deepEqual(
          preview.of(User).deleted.map(({ name }) => name),
          ["kept"],
        );
        await tx.insert({ name: "after" });
        const again = await tx.preview((inner) => inner.delete("all"));
        assert.equal(again.of(User).deleted.length, 2);
      });
      assert.deepEqual(await left(), []);
      assert.equal(await User.objects.count(), 2);
    });

    test("sees what references do on delete, SQL text, upserts, and bulk updates of several tables", async () => {
      await using db = await open(engine, [User, Post, Node, Pair]);
      const [a] = await User.objects.insertMany(people(["a", 1], ["b", 2]));
      await Post.objects.insertMany([
        { title: "x", authorId: a?.id ?? 0 },
        { title: "y", authorId: a?.id ?? 0 },
      ]);
      await Node.objects.insertMany([{ id: 1 }, { id: 2, parentId: 1 }, { id: 3, parentId: 2 }]);
      await Pair.objects.insert({ a: 1, b: "x", amount: 1 });
      const preview = await db.preview(async (tx) => {
        await User.objects.using(tx).delete({ name: "a" });
        await Node.objects.using(tx).setSql(sql`delete from nodes where id in (1, 2)`).rowcount();
        await Pair.objects.using(tx).upsertMany([
          { a: 1, b: "x", amount: 5 },
          { a: 1, b: "y", amount: 6 },
        ]);
      });
      assert.deepEqual(new Set(preview.models), new Set([User, Post, Node, Pair]));
      assert.deepEqual(
        preview.of(User).deleted.map(({ name }) => name),
        ["a"],
      );
      assert.deepEqual(
        preview
          .of(Post)
          .deleted.map(({ title }) => title)
          .sort(),
        ["x", "y"],
      );
      assert.deepEqual(preview.of(Node).updated, [
        { before: { id: 3, parentId: 2, label: null }, after: { id: 3, parentId: null, label: null } },
      ]);
      assert.deepEqual(
        preview
          .of(Node)
          .deleted.map(({ id }) => id)
          .sort(),
        [1, 2],
      );
      assert.deepEqual(preview.of(Pair), {
        inserted: [{ a: 1, b: "y", amount: 6 }],
        updated: [{ before: { a: 1, b: "x", amount: 1 }, after: { a: 1, b: "x", amount: 5 } }],
        deleted: [],
      });
      assert.equal(await Post.objects.count(), 2);
    });

    test("gives the net effect on each row", async () => {
      await using _db = await open(engine, [Node]);
      await Node.objects.insertMany(["a", "b", "c", "d", "e"].map((label, i) => ({ id: i + 1, label })));
      const preview = await Node.objects.preview(async (tx) => {
        await tx.update({ id: 2 }, { label: "b1" });
        await tx.update({ id: 2 }, { label: "b2" });
        await tx.insert({ id: 10, label: "new" });
        await tx.update({ id: 10 }, { label: "newer" });
        await tx.insert({ id: 11, label: "gone again" });
        await tx.delete({ id: 11 });
        await tx.update({ id: 1 }, { label: "a1" });
        await tx.update({ id: 1 }, { label: "a" });
        await tx.delete({ id: 3 });
        await tx.insert({ id: 3, label: "c1" });
        await tx.delete({ id: 4 });
        await tx.insert({ id: 4, label: "d" });
        await tx.update({ id: 5 }, { id: 50 });
      });
      const row = (id: number, label: string) => ({ id, parentId: null, label });
      assert.deepEqual(preview.of(Node), {
        inserted: [row(10, "newer")],
        updated: [
          { before: row(2, "b"), after: row(2, "b2") },
          { before: row(3, "c"), after: row(3, "c1") },
          { before: row(5, "e"), after: row(50, "e") },
        ],
        deleted: [],
      });
    });

    test("follows keys that change one after another, and come back", async () => {
      await using _db = await open(engine, [Node]);
      await Node.objects.insertMany([1, 2, 3].map((id) => ({ id, label: `${id}` })));
      const swapped = await Node.objects.preview(async (tx) => {
        await tx.update({ id: 1 }, { id: 9 });
        await tx.update({ id: 2 }, { id: 1 });
        await tx.update({ id: 9 }, { id: 2 });
        await tx.update({ id: 3 }, { id: 4 });
        await tx.update({ id: 4 }, { id: 3 });
      });
      const row = (id: number, label: string) => ({ id, parentId: null, label });
      assert.deepEqual(swapped.of(Node).updated, [
        { before: row(1, "1"), after: row(2, "1") },
        { before: row(2, "2"), after: row(1, "2") },
      ]);
      const replaced = await Node.objects.preview(async (tx) => {
        await tx.update({ id: 1 }, { id: 9 });
        await tx.insert({ id: 1, label: "new" });
        await tx.delete({ id: 9 });
      });
      assert.deepEqual(replaced.of(Node), { ...nothing, updated: [{ before: row(1, "1"), after: row(1, "new") }] });
    });

    test("follows an update of keys that refer to each other in one table", async () => {
      await using _db = await open(engine, [Node]);
      await Node.objects.insertMany([{ id: 1 }, { id: 2, parentId: 1 }, { id: 3, parentId: 2 }]);
      const preview = await Node.objects.preview((tx) => tx.update("all", { id: sql`id + 10` }));
      const row = (id: number, parentId: number | null) => ({ id, parentId, label: null });
      const updated = [...preview.of(Node).updated].sort((a, b) => a.before.id - b.before.id);
      assert.deepEqual(updated, [
        { before: row(1, null), after: row(11, null) },
        { before: row(2, 1), after: row(12, 11) },
        { before: row(3, 2), after: row(13, 12) },
      ]);
      assert.deepEqual([preview.of(Node).inserted, preview.of(Node).deleted], [[], []]);
    });

    test("has nothing of a savepoint that was rolled back within, and all of one that was kept", async () => {
      await using _db = await open(engine, [User, Post]);
      await User.objects.insertMany(people(["a", 1], ["b", 2]));
      const preview = await User.objects.preview(async (tx) => {
        await tx.update({ name: "a" }, { age: 10 });
        await assert.rejects(
          tx.transaction(async (inner) => {
            await inner.update({ name: "a" }, { age: 11 });
            await inner.delete({ name: "b" });
            throw new Error("undone");
          }),
        );
        await tx.transaction((inner) => inner.insert({ name: "c" }));
      });
      const { inserted, updated, deleted } = preview.of(User);
      assert.deepEqual(
        updated.map(({ before, after }) => [before.age, after.age]),
        [[1, 10]],
      );
      assert.deepEqual([inserted.map(({ name }) => name), deleted], [["c"], []]);
    });

    test("within a preview gives its own changes, and the outer one none of them", async () => {
      await using _db = await open(engine, [User]);
      const outer = await User.objects.preview(async (tx) => {
        await tx.insert({ name: "outer" });
        const inner = await tx.preview((nested) => nested.update("all", { age: 1 }));
        assert.deepEqual(
          inner.of(User).updated.map(({ after }) => [after.name, after.age]),
          [["outer", 1]],
        );
        return inner.of(User).inserted.length;
      });
      assert.equal(outer.result, 0);
      assert.deepEqual(
        outer.of(User).inserted.map(({ name, age }) => [name, age]),
        [["outer", null]],
      );
    });

    test("reads values of every type as a select does", async () => {
      await using _db = await open(engine, [Everything]);
      const values = {
        big: 9007199254740993n,
        share: 5,
        price: "12.30",
        flag: true,
        at: new Date("2024-05-06T07:08:09.123Z"),
        day: "2024-05-06",
        doc: { b: [1, null], a: "x" },
        raw: new Uint8Array([0, 255]),
        list: ["a", 'b"\\,{}'],
      };
      const full = await Everything.objects.insert(values);
      const preview = await Everything.objects.preview(async (tx) => {
        await tx.insert({ ...values, id: full.id.replace(/^./, (c) => (c === "0" ? "1" : "0")) });
        const nulls = Object.fromEntries(Object.keys(values).map((name) => [name, null]));
        await tx.update({ id: full.id }, nulls);
        return tx.getItems();
      });
      const { inserted, updated } = preview.of(Everything);
      assert.deepEqual([...preview.result].sort(byId), [...inserted, ...updated.map(({ after }) => after)].sort(byId));
      assert.deepEqual(updated[0]?.before, full.data);
      const unchanged = await Everything.objects.preview((tx) => tx.update("all", values));
      assert.deepEqual(unchanged.models, []);
    });

    test("gives all that happened to the rows of a table without a key", async () => {
      await using _db = await open(engine, [Loose]);
      await Loose.objects.insertMany([{ word: "a", n: 1 }, {}]);
      const preview = await Loose.objects.preview(async (tx) => {
        await tx.update({ word: "a" }, { n: 2 });
        await tx.update({ n: 2 }, { n: 3 });
        await tx.insert({});
        await tx.delete({ word: null });
      });
      assert.deepEqual(preview.of(Loose), {
        inserted: [{ word: null, n: null }],
        updated: [
          { before: { word: "a", n: 1 }, after: { word: "a", n: 2 } },
          { before: { word: "a", n: 2 }, after: { word: "a", n: 3 } },
        ],
        deleted: [
          { word: null, n: null },
          { word: null, n: null },
        ],
      });
    });

    test("sees what the table's own triggers do", async () => {
      await using db = await open(engine, [Node, Pair]);
      await Node.objects.insertMany([
        { id: 1, label: "a" },
        { id: 2, label: "b" },
      ]);
      await scriptsRun(
        db,
        engine.dialect === "sqlite"
          ? `create trigger own after update of parent_id on nodes begin
               update nodes set label = label || '!' where id = new.id; insert into pairs (a, b) values (new.id, 'own'); end;
             create trigger own_insert after insert on nodes begin update nodes set label = 'made' where id = new.id; end`
          : `create function own() returns trigger language plpgsql as $$ begin
               if tg_op = 'UPDATE' then update nodes set label = label || '!' where id = new.id;
                 insert into pairs (a, b) values (new.id, 'own');
               else update nodes set label = 'made' where id = new.id; end if; return null; end $$;
             create function own_before() returns trigger language plpgsql as $$ begin
               new.label := upper(new.label); return new; end $$;
             create trigger own_before before update on nodes for each row execute function own_before();
             create trigger own after update of parent_id on nodes for each row execute function own();
             create trigger "!own" after insert on nodes for each row execute function own()`,
      );
      const preview = await Node.objects.preview(async (tx) => {
        await tx.update({ id: 1 }, { parentId: 2 });
        await tx.insert({ id: 5 });
      });
      const row = (id: number, parentId: number | null, label: string) => ({ id, parentId, label });
      const [made, changed] = engine.dialect === "sqlite" ? ["made", "a!"] : ["MADE", "A!"];
      assert.deepEqual(preview.of(Node), {
        inserted: [row(5, null, made)],
        updated: [{ before: row(1, null, "a"), after: row(1, 2, changed) }],
        deleted: [],
      });
      assert.deepEqual(preview.of(Pair).inserted, [{ a: 1, b: "own", amount: 0 }]);
    });

    if (engine.dialect === "sqlite") {
      test("sees the rows that `insert or replace` and `update or replace` remove", async () => {
        await using db = await open(engine, [Node, Pair]);
        const row = (id: number, label: string) => ({ id, parentId: null, label });
        await Node.objects.insertMany(["a", "b", "c", "d", "e"].map((label, i) => ({ id: i + 1, label })));
        const preview = await db.preview(async (tx) => {
          const nodes = Node.objects.using(tx);
          const run = (text: ReturnType<typeof sql>) => nodes.setSql(text).rowcount();
          await run(sql`replace into nodes (id, label) values (1, 'A'), (9, 'b')`);
          await run(sql`insert or ignore into nodes (id, label) values (3, 'x'), (30, 'c'), (10, 'new')`);
          await run(sql`update or replace nodes set label = 'd' where id = 5`);
          await run(sql`replace into nodes (id, label) values (10, 'newer')`);
        });
        assert.deepEqual(preview.of(Node), {
          inserted: [row(9, "b"), row(10, "newer")],
          updated: [
            { before: row(1, "a"), after: row(1, "A") },
            { before: row(5, "e"), after: row(5, "d") },
          ],
          deleted: [row(2, "b"), row(4, "d")],
        });
      });
    } else {
      test("sees a truncate, and models whose tables are named like types of PostgreSQL", async () => {
        class Point extends Model("point", { id: integer().primaryKey(), t: text() }) {}
        await using db = await open(engine, [Point]);
        await Point.objects.insertMany([{ t: "a" }, { t: "b" }]);
        const preview = await db.preview(async (tx) => {
          await Point.objects.using(tx).insert({ t: "c" });
          await Point.objects.using(tx).setSql(sql`truncate point`).rowcount();
        });
        assert.deepEqual(preview.of(Point), {
          ...nothing,
          deleted: [
            { id: 1, t: "a" },
            { id: 2, t: "b" },
          ],
        });
        assert.equal(await Point.objects.count(), 2);
      });
    }

    test("is rolled back when the function throws, and throws what it threw", async () => {
      await using _db = await open(engine, [User]);
      const own = new Error("own");
      const failed = User.objects.preview(async (tx) => {
        await tx.insert({ name: "x", email: "e" });
        throw own;
      });
      assert.equal(await failureOf(() => failed), own);
      const violated = User.objects.preview(async (tx) => {
        await tx.insert({ name: "x", email: "e" });
        await tx.insert({ name: "y", email: "e" });
      });
      await assert.rejects(violated, UniqueViolationError);
      const swallowed = User.objects.preview(async (tx) => {
        await tx.insert({ name: "x", email: "e" });
        await tx.insert({ name: "y", email: "e" }).catch(() => {});
      });
      await assert.rejects(swallowed, TransactionClosedError);
      assert.equal(await User.objects.count(), 0);
    });

    test("can't be committed, runs no callback, and warns of nothing", async () => {
      await using db = await open(engine, [User]);
      const warnings: Error[] = [];
      const listener = (warning: Error) => warnings.push(warning);
      process.on("warning", listener);
      let isCalled = false;
      await User.objects.preview((tx) => {
        tx.afterCommit(() => {
          isCalled = true;
        });
        return tx.insert({ name: "x" });
      });
      await assert.rejects(
        User.objects.preview(async (tx) => {
          await tx.insert({ name: "x" });
          await tx.commit();
        }),
        UsageError,
      );
      await assert.rejects(
        db.preview((tx) => tx.commit()),
        UsageError,
      );
      await new Promise(setImmediate);
      process.off("warning", listener);
      assert.deepEqual([isCalled, warnings], [false, []]);
      assert.equal(await User.objects.count(), 0);
    });

    test("of what the function rolls back itself is empty; a nested transaction left open is an error", async () => {
      await using _db = await open(engine, [User]);
      const preview = await User.objects.preview(async (tx) => {
        await tx.insert({ name: "x" });
        await tx.rollback();
      });
      assert.deepEqual(preview.of(User), nothing);
      const left = User.objects.preview(async (tx) => {
        await tx.transaction().insert({ name: "x" });
      });
      await assert.rejects(left, UsageError);
      assert.equal(await User.objects.count(), 0);
    });

    test("leaves instances that it inserted unsaved, and others as they were", async () => {
      await using _db = await open(engine, [User]);
      const old = await User.objects.insert({ name: "old" });
      const { result } = await User.objects.preview(async (tx) => {
        await old.using(tx).update({ name: "changed" });
        return tx.insert({ name: "new" });
      });
      assert.equal(old.name, "old");
      await result.save();
      await old.update({ name: "older" });
      assert.deepEqual(
        (await User.objects.getItems({ orderBy: "id" })).map(({ name }) => name),
        ["older", "new"],
      );
    });

    test("watches the models that it is given, and says so of others", async () => {
      await using _db = await open(engine, [User, Post, Node]);
      const preview = await User.objects.preview((tx) => tx.insert({ name: "x" }), { models: [User, Post] });
      assert.deepEqual(preview.models, [User]);
      assert.throws(() => preview.of(Node), UsageError);
      const wrong = (options: object) => failureOf(() => User.objects.preview(() => 1, options));
      for (const options of [{ models: User }, { models: [{}] }, { modles: [] }]) {
        assert.ok((await wrong(options)) instanceof TypeError);
      }
      const noFunction: unknown = { isolation: "serializable" };
      assert.ok((await failureOf(() => User.objects.preview(noFunction as never))) instanceof TypeError);
    });

    test("prints, and makes JSON, of what changed", async () => {
      await using _db = await open(engine, [Everything, Node]);
      const id = "00000000-0000-4000-8000-000000000001";
      const preview: Preview<bigint> = await Everything.objects.preview(async (tx) => {
        await tx.insert({ id, big: 5n, raw: new Uint8Array([1]) });
        return 3n;
      });
      const shown = inspect(preview);
      assert.match(shown, /^Preview \{\s+result: 3n,\s+changes: \{\s+Everything: \{\s+inserted: \[\s+\{\s+id: /);
      const { result, changes } = JSON.parse(JSON.stringify(preview));
      assert.deepEqual([result, Object.keys(changes)], ["3", ["Everything"]]);
      const [row] = changes.Everything.inserted;
      assert.deepEqual([row.id, row.big, row.raw, row.flag], [id, "5", "AQ==", null]);
    });

    test("is a plain difference of the tables before and after, whatever happens (property)", async () => {
      await using _db = await open(engine, [Node]);
      await Node.objects.insertMany([1, 2, 3, 4].map((id) => ({ id, label: `l${id}` })));
      const id = fc.integer({ min: 1, max: 6 });
      const label = fc.option(fc.constantFrom("l1", "l2", "x", "y"));
      const action = fc.oneof(
        fc.record({ kind: fc.constant("insert" as const), id, label }),
        fc.record({ kind: fc.constant("update" as const), id, label }),
        fc.record({ kind: fc.constant("delete" as const), id }),
        fc.record({ kind: fc.constant("upsert" as const), id, label }),
        fc.record({ kind: fc.constant("adopt" as const), id, parent: fc.option(id) }),
        fc.record({ kind: fc.constant("move" as const), id, to: id }),
        ...(engine.dialect === "sqlite" ? [fc.record({ kind: fc.constant("replace" as const), id, label })] : []),
      );
      const actions = fc.array(fc.record({ action, undo: fc.boolean() }), { maxLength: 12 });
      const property = fc.asyncProperty(actions, async (steps) => {
        const before = await Node.objects.getItems({ orderBy: "id" });
        const preview = await Node.objects.preview(async (tx) => {
          for (const { action: step, undo } of steps) {
            const inner = tx.transaction();
            try {
              if (step.kind === "insert") await inner.insert({ id: step.id, label: step.label });
              else if (step.kind === "update") await inner.update({ id: step.id }, { label: step.label });
              else if (step.kind === "delete") await inner.delete({ id: step.id });
              else if (step.kind === "upsert") await inner.upsert({ id: step.id, label: step.label });
              else if (step.kind === "adopt") await inner.update({ id: step.id }, { parentId: step.parent });
              else if (step.kind === "move") await inner.update({ id: step.id }, { id: step.to });
              else {
                const replace = sql`replace into nodes (id, label) values (${step.id}, ${step.label})`;
                await inner.setSql(replace).rowcount();
              }
              if (undo) await inner.rollback();
              else await inner.commit();
            } catch {
              await inner.rollback();
            }
          }
          return tx.getItems({ orderBy: "id" });
        });
        const { inserted, updated, deleted } = preview.of(Node);
        const text = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();
        // Taking away what was, and adding what is, leads from the one to the other.
        assert.deepEqual(
          text([...before, ...inserted, ...updated.map(({ after }) => after)]),
          text([...preview.result, ...deleted, ...updated.map(({ before: was }) => was)]),
        );
        for (const { before: was, after } of updated) assert.notDeepEqual(was, after);
        if (!steps.some(({ action: step }) => step.kind === "move")) {
          assert.deepEqual(preview.of(Node), differences(before, preview.result, preview.of(Node)));
        }
        assert.deepEqual(await Node.objects.getItems({ orderBy: "id" }), before);
      });
      await fc.assert(property, { numRuns: engine.name === "sqlite memory" ? 300 : 40 });
    });
  });
});

interface NodeRow {
  readonly id: number;
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1);

/** What differs between two states of a table, by key; in the order of `like`, which is not what is compared. */
function differences<R extends NodeRow>(
  before: readonly R[],
  after: readonly R[],
  like: { inserted: readonly R[]; updated: readonly { after: R }[]; deleted: readonly R[] },
) {
  const in_ = (rows: readonly R[], { id }: NodeRow) => rows.find((row) => row.id === id);
  const order = (rows: readonly NodeRow[]) => (a: NodeRow, b: NodeRow) =>
    rows.findIndex(({ id }) => id === a.id) - rows.findIndex(({ id }) => id === b.id);
  const inserted = after.filter((row) => !in_(before, row)).sort(order(like.inserted));
  const deleted = before.filter((row) => !in_(after, row)).sort(order(like.deleted));
  const updated = before
    .flatMap((row) => {
      const now = in_(after, row);
      return now === undefined || JSON.stringify(now) === JSON.stringify(row) ? [] : [{ before: row, after: now }];
    })
    .sort((a, b) => order(like.updated.map((each) => each.after))(a.after, b.after));
  return { inserted, updated, deleted };
}
