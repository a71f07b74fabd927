import { or } from "rowkeeper";
import { City } from "../models.js";
import { defineStep } from "../step.js";

export const conditions = defineStep(
  import.meta.url,
  "Conditions and order",
  async (sent) => {
    // #region shown
    const cities = await City.objects.getItems({
      columns: ["name", "countryCode", "population"],
      where: [
        or(City.c.name.startsWith("San "), City.c.name.startsWith("São ")),
        City.c.population.gte(500_000),
        City.c.countryCode.notIn(["US", "MX"]),
      ],
      orderBy: ["countryCode", "-population"],
    });
    // #endregion
    return {
      sql: sent,
      rows: cities,
      caption:
        "Plain objects, with the three columns asked for and a type that has no more.",
    };
  },
);
