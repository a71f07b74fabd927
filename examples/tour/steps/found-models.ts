import { dynamicModel, generateModels } from "rowkeeper";
import { defineStep } from "../step.js";

export const foundModels = defineStep(
  import.meta.url,
  "Models made from the tables alone",
  async (_sent, { db }) => {
    // #region shown
    const Found = await dynamicModel(db, "tour_languages"); // its relations too
    const romansh = await Found.objects.get({
      where: { name: "Romansh" },
      prefetch: "tourCountries",
    });
    const spoken = Array.from(romansh.tourCountries, ({ name }) => name);

    const source = await generateModels(db, {
      tables: ["tour_cities", "tour_countries"],
      prefix: "tour_",
    });
    const rows = source
      .split("\n")
      .slice(0, 17)
      .map((line) => ({ "models.ts": line }));
    // #endregion
    return {
      rows,
      caption: `Where Romansh is spoken, by the first model: ${spoken.join(", ")}. The second's source goes on.`,
    };
  },
);
