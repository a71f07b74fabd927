import type { SubjectName } from "../options.js";
import { type EngineName, engineNames, type User } from "../subject.js";

/** Rows that are read at a time. */
export const batchSize = 1000;

/** One way to read the whole table. */
export interface Reader {
  /** The first rows of the table, an instance each, in arrays of 1000 or in one. */
  batches(limit: number): AsyncIterable<readonly User[]>;
  close(): Promise<void>;
}

/** Arrays of 1000 of what comes one by one. */
export async function* inBatches<U extends User>(users: AsyncIterable<U>): AsyncGenerator<U[]> {
  let batch: U[] = [];
  for await (const user of users) {
    batch.push(user);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Opens the reader that is meant by `way` on a database that holds the table. */
export type OpenReader<Way extends string = string> = (location: string, way: Way) => Promise<Reader>;

export type RowkeeperWay = "stream" | "chunk" | "stream-in-transaction" | "at-once";
export type ExpertWay = "cursor" | "at-once";

/** What is measured: who reads, and how. */
export interface ReaderChoice {
  readonly title: string;
  readonly subject: SubjectName;
  readonly engines: readonly EngineName[];
  /** The module under `memory`, or of a peer under `peers/streams`. */
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
  ofPeer("kysely: `stream()`", "kysely"),
  ofPeer("mikroorm: `em.stream()`", "mikroorm"),
  ofPeer("objection: knex's `stream()`, rows", "objection", ["postgres"]),
  ofPeer("typeorm: the query builder's `stream()`, rows", "typeorm", ["postgres"]),
  ofRowkeeper("rowkeeper: `getInstances()`, all at once", "at-once", false),
  ofExpert("expert: all at once", "at-once"),
];

function ofRowkeeper(title: string, way: RowkeeperWay, isPromised: boolean): ReaderChoice {
  return { title, subject: "rowkeeper", engines: engineNames, module: () => "rowkeeper.js", way, isPromised };
}

function ofExpert(title: string, way: ExpertWay): ReaderChoice {
  const module = (engine: EngineName) => `expert-${engine}.js`;
  return { title, subject: "expert", engines: engineNames, module, way, isPromised: false };
}

function ofPeer(title: string, subject: SubjectName, engines: readonly EngineName[] = engineNames): ReaderChoice {
  return { title, subject, engines, module: () => `${subject}.js`, way: "stream", isPromised: false };
}
