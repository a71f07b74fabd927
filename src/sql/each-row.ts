import { inRow } from "../errors.js";

/** Where a row stands in what a caller gave, by its place among the rows at hand, which are some of several. */
export type PlaceOf = (place: number) => number;

/** Calls a function for each row. What is wrong with one of several is told with its place. */
export function eachRow<T>(rows: readonly T[], each: (row: T, place: number) => void, placeOf?: PlaceOf): void {
  let place = 0;
  try {
    for (; place < rows.length; place++) each(rows[place] as T, place);
  } catch (error) {
    throw rows.length > 1 || placeOf !== undefined ? inRow(error, placeOf?.(place) ?? place) : error;
  }
}
