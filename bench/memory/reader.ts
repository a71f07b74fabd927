import type { EngineName, User } from "../subject.js";

/** Rows that are read at a time. */
export const batchSize = 1000;

/** One way to read the whole table. */
export interface Reader {
  /** The first rows of the table, an instance each, in arrays of 1000 or in one. */
  batches(limit: number): AsyncIterable<readonly User[]>;
  close(): Promise<void>;
}

/** Opens the reader that is meant by `way` on a database that holds the table. */
export type OpenReader<Way extends string = string> = (location: string, way: Way) => Promise<Reader>;

export type RowkeeperWay = "stream" | "chunk" | "stream-in-transaction" | "at-once";
export type ExpertWay = "cursor" | "at-once";

/** What is measured: who reads, and how. */
export interface ReaderChoice {
  readonly title: string;
  /** The module under `memory`. */
  module(engine: EngineName): string;
  readonly way: RowkeeperWay | ExpertWay;
  /** Whether rowkeeper promises bounded memory for it. */
  readonly isPromised: boolean;
}

export const readers: readonly ReaderChoice[] = [
  ofRowkeeper("rowkeeper: `stream()`", "stream", true),
  ofRowkeeper("rowkeeper: `chunk(1000)`", "chunk", true),
  ofRowkeeper("rowkeeper: `stream()` in a transaction", "stream-in-transaction", true),
  ofExpert("expert: `iterate()`, or a cursor", "cursor"),
  ofRowkeeper("rowkeeper: `getInstances()`, all at once", "at-once", false),
  ofExpert("expert: all at once", "at-once"),
];

function ofRowkeeper(title: string, way: RowkeeperWay, isPromised: boolean): ReaderChoice {
  return { title, module: () => "rowkeeper.js", way, isPromised };
}

function ofExpert(title: string, way: ExpertWay): ReaderChoice {
  return { title, module: (engine) => `expert-${engine}.js`, way, isPromised: false };
}
