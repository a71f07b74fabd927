/** `npx tsx scripts/diagram.ts`: draws the models of the tour into docs/diagram.svg. */
import { writeFile } from "node:fs/promises";
import { models } from "../examples/tour/models.js";
import { diagram } from "../src/index.js";

await writeFile(
  new URL("../docs/diagram.svg", import.meta.url),
  await diagram(models).svg({ title: "The tour's tables" }),
);
