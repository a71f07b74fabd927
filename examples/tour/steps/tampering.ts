import { sql } from "rowkeeper";
import { City, SealedCity } from "../models.js";
import { defineStep, regionOf } from "../step.js";

const model = regionOf(
  new URL("../models.ts", import.meta.url).href,
  "sealed",
);

export const tampering = defineStep(
  import.meta.url,
  "Records whose ids are hashes, and one that was tampered with",
  async (_sent, { db }) => {
    const rows: Record<string, string | number | null>[] = [];
    await db.query(sql`drop table if exists tour_sealed_cities`);
    // #region shown
    db.bind(SealedCity);
    await db.createAll(); // what is not there yet
    const capitals = await City.objects.getItems({
      columns: ["name", "countryCode", "population"],
      where: { isCapital: true },
    });
    await SealedCity.objects.insertMany(capitals, { fetch: false });
    const head = await SealedCity.objects.head(); // to be kept elsewhere
    const vienna = await SealedCity.objects.get({
      where: { name: "Vienna" },
    });
    const proof = await SealedCity.objects.prove(vienna.id);
    const before = { ...vienna.data };

    await db.query(sql`update tour_sealed_cities
      set population = population + 1 where id = ${vienna.id}`);

    for await (const { id, reason } of SealedCity.objects.verifyAll()) {
      const { name, population } = await SealedCity.objects.get({
        where: { id },
      });
      rows.push({ city: name, population, "what is wrong": reason });
    }
    const { data: now } = await vienna.reload();
    const isProof = SealedCity.verifyProof(before, proof, head);
    const isStill = SealedCity.verifyProof(now, proof, head);
    // #endregion
    return {
      rows,
      caption:
        `All ${capitals.length} capitals make the head ${head.slice(0, 12)}…. That Vienna was one of them is proved by the head and ` +
        `${proof.steps.length} more hashes: ${isProof}. Of Vienna as it is now: ${isStill}.`,
    };
  },
  model,
);
