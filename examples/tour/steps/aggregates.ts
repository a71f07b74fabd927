import { count, max, sum } from "rowkeeper";
import { City } from "../models.js";
import { defineStep } from "../step.js";

export const aggregates = defineStep(
  import.meta.url,
  "Aggregates by groups",
  async (sent) => {
    // #region shown
    const rows = await City.objects.aggregate(
      {
        cities: count(),
        people: sum("population"),
        largest: max("population"),
      },
      {
        where: City.c.population.gte(100_000),
        groupBy: "countryCode",
        having: ({ cities }) => cities.gte(100),
        orderBy: "-people",
        limit: 5,
      },
    );
    // #endregion
    return {
      sql: sent,
      rows,
      caption:
        "The countries with a hundred cities of 100,000 people or more; a sum of integers is a number, exact.",
    };
  },
);
