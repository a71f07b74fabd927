import { ValidationError } from "rowkeeper";
import { Trip } from "../models.js";
import { defineStep, type Outcome, regionOf } from "../step.js";

const model = regionOf(
  new URL("../models.ts", import.meta.url).href,
  "trip",
);

export const validation = defineStep(
  import.meta.url,
  "A schema of zod, before anything is sent",
  async (sent) => {
    let outcome: Outcome = { rows: [], caption: "Nothing was refused!" };
    // #region shown
    try {
      await Trip.objects.insertMany([
        { title: " By train ", nights: 3, cityId: 2_761_369 },
        { title: "?", nights: 0, cityId: 2_761_369 },
      ]);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      outcome = {
        rows: error.issues.map(({ path, message }) => ({
          path: path.join("."),
          message,
        })),
        caption: `${error.message}. Statements sent: ${sent.length}.`,
      };
    }
    // #endregion
    return outcome;
  },
  model,
);
