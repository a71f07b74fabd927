/*
 * Run by a spec in a process of its own, with a URL: updates, deletes and restores a record of its own, over and over, until
 * it is killed. Tells the number of each version once that is committed.
 */
import { Database } from "../../src/index.js";
import { Doc } from "./models.js";

const [, , url = ""] = process.argv;
await using _ = new Database(url, { models: [Doc], timeout: 60_000 });
let doc = await Doc.insert({ title: `${process.pid} 0` });
for (let i = 1; ; i++) {
  await doc.update({ title: `${process.pid} ${i}` });
  process.stdout.write(`${i}\n`);
  doc = await (await doc.delete()).restore();
}
