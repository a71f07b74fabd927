/* Prints the ids of records that it reads, each a line of JSON: what ids.spec.ts runs in another process. */
import { text } from "node:stream/consumers";
import { given, HashedSpecimen } from "./specimen.js";

// Split here, as node:readline takes U+2028 for the end of a line as well, in some versions.
for (const line of (await text(process.stdin)).split("\n")) {
  if (line !== "") console.log(HashedSpecimen.generateId(given(JSON.parse(line))));
}
