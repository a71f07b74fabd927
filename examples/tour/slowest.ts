import type { Database, QueryEvent } from "rowkeeper";
import { regionOf } from "./step.js";

/** The code of `watchSlowest`, to be shown. */
export const slowestCode = regionOf(import.meta.url, "shown");

/** The ten slowest statements of the database from now on, slowest first: a list that changes as they run. */
export function watchSlowest(db: Database): readonly QueryEvent[] {
  // #region shown
  const slowest: QueryEvent[] = [];
  db.on("query", (event) => {
    slowest.push(event);
    slowest.sort((a, b) => b.duration - a.duration);
    slowest.splice(10);
  });
  // #endregion
  return slowest;
}
