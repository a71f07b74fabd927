import { stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { diagram } from "rowkeeper";
import { models } from "../models.js";
import { defineStep } from "../step.js";

export const drawing = defineStep(
  import.meta.url,
  "A diagram of the models, to open, zoom and search",
  async () => {
    // #region shown
    const drawn = diagram(models);
    await writeFile("tour.html", await drawn.html({ title: "The tour" }));
    const { size } = await stat("tour.html");
    // #endregion
    return {
      rows: [{ file: "tour.html", tables: models.length, bytes: size }],
      caption: `One page that loads nothing else: ${pathToFileURL(resolve("tour.html"))}`,
    };
  },
);
