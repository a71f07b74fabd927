import { Country } from "../models.js";
import { defineStep, regionOf } from "../step.js";

const models = new URL("../models.ts", import.meta.url).href;

export const neighbours = defineStep(
  import.meta.url,
  "Neighbours: a relation of countries with countries",
  async (sent) => {
    // #region shown
    const switzerland = await Country.objects.get({
      where: { name: "Switzerland" },
      prefetch: {
        neighbours: { withCount: "neighbours", orderBy: "-area" },
      },
    });
    const rows = switzerland.neighbours.secondary.map((country) => ({
      name: country.name,
      capital: country.capital,
      "neighbours of its own": country.neighboursCount,
    }));
    // #endregion
    return {
      sql: sent.slice(1),
      rows,
      caption:
        "A border is one row, whichever side it is read from: Switzerland is among the neighbours of each.",
    };
  },
  `${regionOf(models, "border")}\n\n${regionOf(models, "neighbours")}`,
);
