import { City } from "../models.js";
import { defineStep } from "../step.js";

export const manyUpdates = defineStep(
  import.meta.url,
  "Many rows, each to values of its own",
  async (sent) => {
    const rows: Record<string, string | number>[] = [];
    let before = 0;
    const note = (way: string, number: number, cities: readonly City[]) => {
      const people = cities.reduce(
        (sum, city) => sum + (city.population ?? 0),
        0,
      );
      rows.push({
        way,
        rows: number,
        statements: sent.length - before,
        people,
      });
      before = sent.length;
    };
    // #region shown
    const cities = await City.objects.getInstances({
      orderBy: ["-population", "id"],
      limit: 500,
    });
    note("read", cities.length, cities);

    for (const city of cities)
      city.population = Math.round((city.population ?? 0) * 1.01);
    const updated = await City.objects.bulkUpdate(cities);
    note("bulkUpdate()", updated, cities);

    const census = cities.map(({ data }) => ({
      ...data,
      population: (data.population ?? 0) + 1000,
    }));
    const there = await City.objects.upsertMany(census, {
      update: ["population"],
    });
    note("upsertMany()", there.length, there);
    // #endregion
    return {
      sql: sent.slice(1),
      rows,
      caption:
        "On SQLite the statement of bulkUpdate() is prepared once and run for each row, in one transaction.",
    };
  },
);
