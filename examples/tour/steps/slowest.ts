import { basename } from "node:path";
import { slowestCode } from "../slowest.js";
import { defineStep } from "../step.js";

export const slowestStatements = defineStep(
  import.meta.url,
  "The ten slowest statements of this tour",
  async (_sent, { slowest }) => {
    // #region shown
    const rows = slowest.map(({ duration, rowCount, place, sql }) => ({
      ms: Number(duration.toFixed(1)),
      rows: rowCount,
      place: basename(place).replace(/:\d+$/, ""), // file and line
      statement: sql
        .replace(/\s+/g, " ")
        .replace(/^select .*? from /, "select … from "),
    }));
    // #endregion
    return {
      rows,
      caption:
        "A stream's time is what its batches took. The first lines of the code ran before the tables were made.",
    };
  },
  slowestCode,
);
