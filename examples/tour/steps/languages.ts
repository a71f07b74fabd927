import { Language } from "../models.js";
import { defineStep } from "../step.js";

export const languages = defineStep(
  import.meta.url,
  "Languages, by the number of their countries",
  async (sent) => {
    // #region shown
    const languages = await Language.objects.withCount("countries", {
      orderBy: "-countriesCount",
      limit: 5,
      prefetch: { countries: { orderBy: "-area", limit: 3 } },
    });
    const rows = languages.map(({ name, countriesCount, countries }) => ({
      language: name,
      countries: countriesCount,
      "the largest": countries.secondary.map((country) => country.name),
    }));
    // #endregion
    return { sql: sent, rows };
  },
);
