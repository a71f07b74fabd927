/* Prints what an instance has at each step of its life on the database of this URL: `node … print-fields.ts <url>`. */
import { Database, integer, json, Manager, Model, text, timestamp } from "../../src/index.js";

class Note extends Model("notes_of_fields", {
  id: integer().primaryKey(),
  title: text(),
  body: text().nullable(),
  at: timestamp(),
  meta: json<Record<string, unknown>>().nullable(),
}) {
  static override objects = new Manager(this);
}

await using db = new Database(process.argv[2] ?? "", { models: [Note] });
await db.createAll();
const note = new Note({ title: "one", at: new Date(0), meta: { a: 1 } });
const steps: unknown[] = [Object.keys(note), { ...note.data }];
await note.save();
note.title = "two";
steps.push({ ...note.data }, note.changes);
await note.save();
const [found] = await Note.objects.getInstances();
steps.push({ ...found?.data }, found?.at instanceof Date);
const [narrow] = await Note.query().select(["id", "title"]).get();
try {
  steps.push(narrow?.title, Reflect.get(narrow ?? {}, "body"));
} catch (error) {
  steps.push((error as Error).message);
}
await note.delete();
await db.dropAll();

let canGenerate = true;
try {
  new Function("");
} catch {
  canGenerate = false;
}
console.log(JSON.stringify({ canGenerate, steps }));
