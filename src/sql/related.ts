import type { Related } from "./statement-state.js";

/** Where what a getter gives tells how it relates rows, if it is a relation; it is told its name. */
export const RELATED = Symbol("rowkeeper.related");

export function isRelated(given: unknown): given is { [RELATED](name: string): Related } {
  return typeof given === "object" && given !== null && RELATED in given;
}
