/* Run by a spec in a process of its own, with a URL: forgets commits, and prints what it is warned of. */
import { setImmediate } from "node:timers/promises";
import { Database } from "../../src/index.js";
import { Account, models, owners } from "./models.js";

const messages: string[] = [];
process.on("warning", ({ name, message }) => {
  if (name === "RowkeeperWarning") messages.push(message);
});

await using db = new Database(process.argv[2] ?? "", { models });
await db.createAll();

async function forget(owner: string): Promise<void> {
  await using tx = Account.objects.transaction();
  await tx.insert({ owner });
}

async function forgetElsewhere(): Promise<void> {
  await using tx = Account.objects.transaction();
  await tx.update("all", { balance: 1 });
}

async function forgetAround(): Promise<void> {
  await using tx = Account.objects.transaction();
  await tx.transaction((inner) => inner.insert({ owner: "inner" }));
}

for (const owner of ["a", "b", "c"]) await forget(owner);
await forgetElsewhere();
await forgetAround();
if ((await owners()).length > 0) throw new Error("it was not rolled back");
await setImmediate();
process.stdout.write(JSON.stringify(messages));
