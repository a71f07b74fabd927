import { City } from "../models.js";
import { defineStep } from "../step.js";

export const manyUpdates = defineStep(
  import.meta.url,
  "Many rows, each to values of its own",
  async (sent) => {
    const query = { orderBy: ["-population", "id"], limit: 500 } as const;
    const peopleIn = (cities: readonly City[]) =>
      cities.reduce((people, city) => people + (city.population ?? 0), 0);
    // #region shown
    const cities = await City.objects.getInstances(query);
    const before = peopleIn(cities);
    let from = sent.length;
    for (const city of cities)
      city.population = Math.round((city.population ?? 0) * 1.01);
    const updated = await City.objects.bulkUpdate(cities);
    const byUpdate = sent.slice(from);

    from = sent.length;
    const census = cities.map(({ data }) => ({
      ...data,
      population: (data.population ?? 0) + 1000,
    }));
    const upserted = await City.objects.upsertMany(
      [
        ...census,
        {
          id: 3,
          name: "Neom",
          countryCode: "SA",
          latitude: 28,
          longitude: 35.2,
          isCapital: false,
        },
      ],
      { update: ["population"] },
    );
    const byUpsert = sent.slice(from);
    // #endregion
    return {
      sql: JSON.stringify([byUpdate, byUpsert]),
      rows: [
        {
          before,
          updated,
          upserted: upserted.length,
          after: peopleIn(upserted),
        },
      ],
    };
  },
);
