import { cte, rowNumber } from "rowkeeper";
import { City, Country } from "../models.js";
import { defineStep } from "../step.js";

export const windows = defineStep(
  import.meta.url,
  "Southern Africa: the three largest cities of each country",
  async (sent) => {
    // #region shown
    const place = rowNumber().over({
      partitionBy: City.c.countryCode,
      orderBy: [City.c.population.desc(), City.c.id.asc()],
    });
    const african = Country.select("code").where({
      subregion: "Southern Africa",
    });
    const ranked = cte(
      "ranked",
      City.select({
        country: "countryCode",
        place,
        name: "name",
        population: "population",
      }).where(City.c.countryCode.in(african)),
    );
    const rows = await City.objects
      .setSql(ranked.select())
      .where(ranked.c.place.lte(3))
      .orderBy(["country", "place"])
      .fetchall();
    // #endregion
    return {
      sql: sent,
      rows,
      caption:
        "In one query: a window numbers the cities of each country, in a CTE.",
    };
  },
);
