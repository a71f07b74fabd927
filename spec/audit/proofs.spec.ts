import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { leadsTo, MerkleTree } from "../../src/audit/merkle.js";
import { NotFoundError, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Page } from "./models.js";

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The tree of RFC 6962, as it says it. */
function headOf(ids: readonly string[]): Buffer {
  if (ids.length === 0) return sha256();
  if (ids.length === 1) return sha256(Buffer.of(0), ids[0] ?? "");
  let left = 1;
  while (left * 2 < ids.length) left *= 2;
  return sha256(Buffer.of(1), headOf(ids.slice(0, left)), headOf(ids.slice(left)));
}

function treeOf(ids: readonly string[], wanted?: string): MerkleTree {
  const tree = new MerkleTree(wanted);
  for (const id of ids) tree.add(id);
  return tree;
}

test("trees of 0 to 70 ids have the head of RFC 6962, and a short proof for each id, which holds for no other", () => {
  const heads = new Set<string>();
  for (let size = 0; size <= 70; size++) {
    const ids = Array.from({ length: size }, (_, i) => sha256(String(i)).toString("hex"));
    const head = treeOf(ids).head();
    assert.equal(head, headOf(ids).toString("hex"), `${size}`);
    heads.add(head);
    for (const id of ids) {
      const proof = treeOf(ids, id).proof();
      assert.ok(proof);
      assert.ok(proof.steps.length <= Math.ceil(Math.log2(Math.max(size, 1))));
      assert.equal(leadsTo(proof, head), true);
      for (const other of ids) if (other !== id) assert.equal(leadsTo({ ...proof, id: other }, head), false);
      const [first, ...steps] = proof.steps;
      if (first === undefined) continue;
      assert.equal(leadsTo({ id, steps }, head), false);
      const side = first.side === "left" ? "right" : "left";
      assert.equal(leadsTo({ id, steps: [{ ...first, side }, ...steps] }, head), false);
    }
    assert.equal(treeOf(ids, "unknown").proof(), undefined);
  }
  assert.equal(heads.size, 71);
});

test("no node of a tree passes for an id", () => {
  const ids = ["a", "b", "c", "d"];
  const head = treeOf(ids).head();
  const proof = treeOf(ids, "a").proof();
  const left = headOf(["a", "b"]);
  const steps = proof?.steps.slice(1) ?? [];
  for (const id of [left.toString("latin1"), left.toString("hex")]) assert.equal(leadsTo({ id, steps }, head), false);
});

describe("heads", () => {
  eachEngine((engine) => {
    test("change with every row that is added, changed or taken out, and come back with it", async () => {
      await using db = await open(engine, [Page]);
      const heads = new Set<string>();
      const head = async (): Promise<string> => {
        const now = await Page.objects.head();
        assert.equal(heads.has(now), false);
        heads.add(now);
        return now;
      };
      await head();
      const pages = [];
      for (const title of ["a", "b", "c", "d", "e"]) {
        pages.push(await Page.insert({ title }));
        await head();
      }
      const full = await Page.objects.head();
      for (const page of pages) {
        const tombstone = await page.delete();
        assert.notEqual(await Page.objects.head(), full);
        await tombstone.restore();
        assert.equal(await Page.objects.head(), full);
      }
      await Page.objects.update("all", { views: 5 });
      assert.equal(await Page.objects.head(), full);
      const [page] = await Page.objects.getInstances();
      await page?.update({ body: "x" });
      const changed = await head();
      await page?.update({ body: null });
      assert.equal(await Page.objects.head(), full);
      await page?.update({ body: "x" });
      assert.equal(await Page.objects.head(), changed);
      await db.query(sql`update pages set id = ${"x"} where id = ${page?.id}`);
      await head();
      await db.query(sql`delete from pages where id = ${"x"}`);
      assert.notEqual(await Page.objects.head(), changed);
    });

    test("are of the ids in order, and the same on each engine", async () => {
      await using _ = await open(engine, [Page]);
      const pages = await Page.insertMany(Array.from({ length: 37 }, (_, i) => ({ title: `t${i}` })));
      const ids = pages.map(({ id }) => id).sort();
      assert.equal(await Page.objects.head(), headOf(ids).toString("hex"));
      assert.equal(await Page.objects.head(), "9ecb3250e235df27c78c0e63996ce73c3c9699eb94f63f66708a8af8b7a99d49");
    });

    test("have a proof for each row, which holds for it as it is, and for no other", async () => {
      await using db = await open(engine, [Page]);
      const pages = await Page.insertMany(Array.from({ length: 13 }, (_, i) => ({ title: `t${i}` })));
      const head = await Page.objects.head();
      for (const page of pages) {
        const proof = await Page.objects.prove(page.id);
        assert.equal(Page.verifyProof(page, proof, head), true);
        assert.equal(Page.verifyProof({ title: page.title }, proof, head), true);
        assert.equal(Page.verifyProof({ ...page.data, views: 9 }, proof, head), true);
        assert.equal(Page.verifyProof({ title: page.title, body: "x" }, proof, head), false);
        for (const other of pages) if (other !== page) assert.equal(Page.verifyProof(other, proof, head), false);
        assert.deepEqual(JSON.parse(JSON.stringify(proof)), proof);
      }
      const [page] = pages;
      assert.ok(page);
      const proof = await Page.objects.prove(page.id);
      await Page.insert({ title: "later" });
      assert.equal(Page.verifyProof(page, proof, await Page.objects.head()), false);
      assert.equal(Page.verifyProof(page, proof, head), true);
      await db.query(sql`update pages set title = ${"forged"} where id = ${page.id}`);
      const forged = await Page.objects.get({ where: { id: page.id } });
      assert.equal(Page.verifyProof(forged, proof, head), false);
      assert.ok((await failureOf(() => Page.objects.prove("unknown"))) instanceof NotFoundError);
      await assert.rejects(Page.objects.prove(1 as never), TypeError);
      await assert.rejects(async () => Page.verifyProof({ titel: "x" } as never, proof, head), TypeError);
    });

    test("are of many rows", async () => {
      await using _ = await open(engine, [Page]);
      await Page.insertMany(
        Array.from({ length: 10_050 }, (_, i) => ({ title: `t${i}` })),
        { fetch: false },
      );
      const ids = (await Page.objects.getItems({ columns: ["id"] })).map(({ id }) => id).sort();
      assert.equal(await Page.objects.head(), headOf(ids).toString("hex"));
      for (const id of [ids[0], ids[9_999], ids[10_000], ids[10_049]])
        assert.equal(leadsTo(await Page.objects.prove(String(id)), headOf(ids).toString("hex")), true);
    });
  });
});
