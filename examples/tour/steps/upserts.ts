import { City, Country } from "../models.js";
import { defineStep } from "../step.js";

export const upserts = defineStep(
  import.meta.url,
  "Changed populations and a new city, saved together",
  async (sent, { db }) => {
    const rows: Record<string, string | number>[] = [];
    let before = 0;
    const note = (what: string, instances: number) => {
      rows.push({ what, instances, statements: sent.length - before });
      before = sent.length;
    };
    // #region shown
    await db.begin(async (session) => {
      const largest = City.select().orderBy(["-population", "id"]);
      const cities = await session.all(largest.limit(1000));
      const eswatini = await session.one(
        Country.select().where({ code: "SZ" }),
      );
      note("read", cities.length + 1);

      for (const city of cities)
        city.population = Math.round((city.population ?? 0) * 1.01);
      eswatini.capital = "Mbabane"; // it has two
      const estrellas = new City({
        id: 3,
        name: "Villa Las Estrellas",
        countryCode: "AQ",
        population: null,
        latitude: -62.2,
        longitude: -58.96,
        isCapital: false,
      });
      const saved = await session.saveAll([eswatini, estrellas, ...cities]);
      note("saveAll(), of two models", saved.length);
    });
    const found = await City.objects.count({
      where: { countryCode: "AQ" },
    });
    // #endregion
    return {
      sql: sent.filter((statement) => statement.startsWith("insert")),
      rows,
      caption: `One upsert for each model, with nothing read before it. Cities of Antarctica now: ${found}.`,
    };
  },
);
