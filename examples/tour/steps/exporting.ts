import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryWatch } from "../memory.js";
import { City } from "../models.js";
import { defineStep } from "../step.js";

export const exporting = defineStep(
  import.meta.url,
  "An export to a file, in chunks",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "rowkeeper-tour-"));
    const path = join(folder, "cities.jsonl");
    try {
      const memory = new MemoryWatch();
      let lines = 0;
      let chunks = 0;
      // #region shown
      const file = await open(path, "w");
      for await (const cities of City.objects.chunk(10_000, {
        orderBy: "id",
      })) {
        await file.write(
          cities.map((city) => `${JSON.stringify(city)}\n`).join(""),
        );
        memory.look();
        lines += cities.length;
        chunks += 1;
      }
      await file.close();
      const { size } = await stat(path);
      // #endregion
      return {
        rows: [
          {
            file: "cities.jsonl",
            chunks,
            lines,
            bytes: size,
            "memory held": memory.mostHeld,
          },
        ],
        caption:
          "The file was in the system's temporary folder, and is removed.",
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
