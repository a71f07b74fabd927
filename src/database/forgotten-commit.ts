import type { Place } from "./place.js";

const warnedPlaces = new Set<string>();

/** Warns of a transaction that wrote and was left without a commit; once for each place where such a one begins. */
export function warnOfForgottenCommit(begun: Place): void {
  const place = String(begun);
  if (warnedPlaces.has(place)) return;
  warnedPlaces.add(place);
  process.emitWarning(`the transaction begun at ${place} wrote, and was rolled back because nobody committed it`, {
    type: "RowkeeperWarning",
    code: "ROWKEEPER_NOT_COMMITTED",
  });
}
