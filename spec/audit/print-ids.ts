/* Prints the ids of records that it reads, each a line of JSON: what ids.spec.ts runs in another process. */
import { createInterface } from "node:readline";
import { given, HashedSpecimen } from "./specimen.js";

for await (const line of createInterface(process.stdin)) {
  console.log(HashedSpecimen.generateId(given(JSON.parse(line))));
}
