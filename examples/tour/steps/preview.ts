import { City, Country } from "../models.js";
import { defineStep } from "../step.js";
import { inWords } from "../terminal.js";

export const preview = defineStep(
  import.meta.url,
  "A preview of a cleanup, which changes nothing",
  async (sent) => {
    const before = await City.objects.count();
    // #region shown
    const cleanup = await Country.objects.preview(async (tx) => {
      // and with them, by reference, their cities, borders and languages
      await tx.delete({ independent: false });
      await City.objects
        .using(tx)
        .update(City.c.population.lt(1100), { population: null });
      return tx.count();
    });
    const rows = cleanup.models.map((model) => ({
      model: model.name,
      "would delete": cleanup.of(model).deleted.length,
      "would update": cleanup.of(model).updated.length,
    }));
    // #endregion
    const after = await City.objects.count();
    return {
      sql: sent.filter((text) => /^(delete|update)/.test(text)),
      rows,
      caption:
        `${cleanup.result} countries would be left. There are ${await Country.objects.count()}, with ` +
        `${inWords(before)} cities before and ${inWords(after)} after.`,
    };
  },
);
