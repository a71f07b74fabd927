import { City, Country } from "../models.js";
import { defineStep } from "../step.js";

export const joining = defineStep(
  import.meta.url,
  "A join, by the query builder",
  async (sent) => {
    // #region shown
    const capitals = await City.query()
      .join(Country, ["countryCode", "code"])
      .where({
        equal: { isCapital: true, "tour_countries.landlocked": true },
      })
      .orderBy({ population: "desc", id: "asc" })
      .select([
        "tour_cities.name",
        "tour_cities.population",
        "tour_countries.name",
        "tour_countries.borders",
      ])
      .take(5);
    const rows = capitals.map(({ data }) => ({
      capital: data.tour_cities.name,
      population: data.tour_cities.population,
      country: data.tour_countries.name,
      borders: data.tour_countries.borders, // string[], from JSON on SQLite
    }));
    // #endregion
    return { sql: sent, rows };
  },
);
