/* Run by a spec in a process of its own, with a URL and a prefix: writes to the same database at the same time. */
import { Database, sql } from "../../src/index.js";
import { makeRuns, runAll } from "./interleaving.js";
import { models } from "./models.js";

const [, , url = "", prefix = ""] = process.argv;
await using db = new Database(url, { models, timeout: 60_000 });
await db.query(sql`select 1`);
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
await runAll(db, makeRuns(prefix, 6));
process.stdin.destroy();
