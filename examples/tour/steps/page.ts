import { City } from "../models.js";
import { defineStep } from "../step.js";
import { inWords } from "../terminal.js";

export const page = defineStep(
  import.meta.url,
  "A page of many",
  async (sent) => {
    // #region shown
    const where = { countryCode: "IT" };
    const total = await City.objects.count({ where });
    const cities = await City.objects.getInstances({
      where,
      orderBy: ["-population", "id"],
      limit: 5,
      offset: 10,
    });
    // #endregion
    return {
      sql: sent,
      rows: cities.map(({ name, population, latitude, longitude }) => ({
        name,
        population,
        latitude,
        longitude,
      })),
      caption: `Cities 11 to 15 of the ${inWords(total)} in Italy.`,
    };
  },
);
