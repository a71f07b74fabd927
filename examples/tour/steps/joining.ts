import { City, Country } from "../models.js";
import { defineStep } from "../step.js";

export const joining = defineStep(
  import.meta.url,
  "A join, by the query builder",
  async () => {
    // #region shown
    const query = City.query()
      .join(Country, ["countryCode", "code"])
      .where({
        equal: { isCapital: true, "tour_countries.landlocked": true },
      })
      .orderBy("population", "desc");
    const joined = await query.take(5);
    const rows = joined.map(({ data }) => ({
      capital: data.tour_cities.name,
      population: data.tour_cities.population,
      of: data.tour_countries.name,
      borders: data.tour_countries.borders,
    }));
    // #endregion
    return {
      sql: query.toSql().text,
      rows,
      caption: `${await query.count()} capitals are of countries without a coast.`,
    };
  },
);
