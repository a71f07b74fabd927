import { Country } from "../models.js";
import { defineStep, regionOf } from "../step.js";

const finder = regionOf(
  new URL("../models.ts", import.meta.url).href,
  "finder",
);

export const customFinder = defineStep(
  import.meta.url,
  "A finder of your own",
  async (sent) => {
    // #region shown
    const countries = await Country.objects.largestOf("Africa");
    // #endregion
    return {
      sql: sent,
      rows: countries.map(({ name, capital, area, currencies }) => ({
        name,
        capital,
        "area in km²": area,
        currencies,
      })),
    };
  },
  finder,
);
