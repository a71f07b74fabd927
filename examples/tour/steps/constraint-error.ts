import { UniqueViolationError } from "rowkeeper";
import { City } from "../models.js";
import { defineStep, type Outcome } from "../step.js";

export const constraintError = defineStep(
  import.meta.url,
  "An error that says what was violated",
  async () => {
    const { id } = await City.objects.get({
      where: { name: "Reykjavík", countryCode: "IS" },
    });
    let outcome: Outcome = { rows: [], caption: "Nothing was violated!" };
    // #region shown
    try {
      await City.objects.insert({
        id, // Reykjavík's
        name: "Atlantis",
        countryCode: "IS",
        latitude: 31,
        longitude: -24,
        isCapital: true,
      });
    } catch (error) {
      if (!(error instanceof UniqueViolationError)) throw error;
      const { name, table, columns, message } = error;
      outcome = { rows: [{ name, table, columns }], caption: message };
    }
    // #endregion
    return outcome;
  },
);
