import { Country } from "../models.js";
import { defineStep } from "../step.js";

export const largestCities = defineStep(
  import.meta.url,
  "The five largest cities of every country, in one query",
  async (sent) => {
    // #region shown
    const countries = await Country.objects.getInstances({
      prefetch: { cities: { orderBy: ["-population", "id"], limit: 5 } },
    });
    const rows = countries
      .filter(({ subregion }) => subregion === "Southern Africa")
      .map(({ name, cities }) => ({
        country: name,
        "largest cities": cities.secondary.map((city) => city.name),
      }));
    // #endregion
    const loaded = countries.reduce(
      (sum, { cities }) => sum + cities.length,
      0,
    );
    return {
      sql: sent.slice(1),
      rows,
      caption: `Cities loaded for ${countries.length} countries: ${loaded}. Shown are those of Southern Africa.`,
    };
  },
);
