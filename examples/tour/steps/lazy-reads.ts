import { City } from "../models.js";
import { defineStep } from "../step.js";

export const lazyReads = defineStep(
  import.meta.url,
  "Five hundred lazy reads, one query",
  async (sent) => {
    // #region shown
    const cities = await City.objects.getInstances({
      orderBy: ["-population", "id"],
      limit: 500,
    });
    const byRegion = new Map<string, number>();
    for (const city of cities) {
      const country = await city.country.fetch(); // the first loads it for all
      const region = country?.region ?? "none";
      byRegion.set(region, (byRegion.get(region) ?? 0) + 1);
    }
    // #endregion
    return {
      sql: sent.slice(1),
      rows: [...byRegion]
        .sort(([, a], [, b]) => b - a)
        .map(([region, number]) => ({
          region,
          "of the 500 largest cities": number,
        })),
      caption: `Statements sent: ${sent.length}, the cities' own and the one above.`,
    };
  },
);
