import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Database, DeletedModel, raw } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { ROOT, runNode } from "./workshop.js";

const PRINTED = `Refused: Ash Bank would owe €420.00, with a limit of €200.00

Balances
  Ash Bank
    Cash            €1000.00  debit
    Owed by Birch     €45.00  debit
    Ada              €625.00  credit
    Owed to Birch    €420.00  credit
  Birch Bank
    Cash             €500.00  debit
    Owed by Ash      €420.00  debit
    Ben              €875.00  credit
    Owed to Ash       €45.00  credit

The agreement
   €200.00, signed by C. Ash
  €1000.00, signed by D. Birch, is in force

Notes on 3
  { at: 2025-03-04T10:30:00.000Z, invoice: '2025-117' }

The audit
  5 transactions, €2430.00 on either side; the banks' books agree
  0 problems in 7 tables
  the head of the transactions: 381cbf637332a8eb4f718585d8309b48c4d554c2db914bd4cb4ae2a56445c606
  3 is one of them, by a proof of 3 hashes: true
  3 on another day: false

Somebody makes 4500.00 of 45.00, by SQL
  5 transactions, €11340.00 on either side; the banks' books agree
  Entry 6ee9afa5…: its content is not what its id was made of
  Entry 91d261ca…: its content is not what its id was made of
  Entry b3f67f86…: its content is not what its id was made of
  Entry d5d47d3a…: its content is not what its id was made of
  4 problems in 7 tables

Somebody makes the ids fit as well
  5 transactions, €11340.00 on either side; the banks' books agree
  0 problems in 7 tables
  the head is as it was kept: false
  and with 45.00 again: true

A clerk deletes 3
  4 entries are of no transaction
  4 transactions, €2190.00 on either side; the banks' books agree
  the head is as it was kept: false
  3, Books, was deleted and is back
  5 transactions, €2430.00 on either side; the banks' books agree
  0 problems in 7 tables
  the head is as it was kept: true
`;

const run = (url: string) =>
  runNode(["--import", "tsx", "examples/ledger.ts"], { cwd: ROOT, env: { DATABASE_URL: url } });

async function assertPrints(url: string): Promise<void> {
  const { code, stdout, stderr } = await run(url);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.equal(stderr, "");
  assert.equal(stdout, PRINTED);
}

describe("examples/ledger.ts", () => {
  eachEngine(({ name, dialect, url: fresh }) => {
    if (name === "sqlite memory") {
      it("runs in memory where no database is given", () => assertPrints(""));
      return;
    }

    it("prints the same ids and the same head, and leaves no table", async () => {
      const url = await fresh();
      await assertPrints(url);
      await using db = new Database(url);
      const tables =
        dialect === "sqlite"
          ? "select name from sqlite_schema where type = 'table' and name not like 'sqlite%'"
          : "select table_name from information_schema.tables where table_schema = current_schema()";
      assert.deepEqual(await db.query(raw(tables)), []);
    });

    it("leaves a database alone that has records of others", async () => {
      const url = await fresh();
      await using db = new Database(url, { models: [DeletedModel] });
      await db.createAll();
      const { code, stderr } = await run(url);
      assert.equal(code, 1);
      assert.match(stderr, /UsageError: deleted_records is there already/);
      assert.equal(await DeletedModel.objects.count(), 0);
    });
  });
});
