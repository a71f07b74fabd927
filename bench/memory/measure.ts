import { join } from "node:path";
import { assertSame } from "../compare.js";
import type { Engine } from "../engines/engine.js";
import { isPeer, type Options } from "../options.js";
import type { Prepared } from "../prepare.js";
import { type Spread, spreadOf } from "../statistics.js";
import type { EngineName } from "../subject.js";
import type { Reading } from "./child.js";
import { type ReaderChoice, readers } from "./reader.js";
import { runChild } from "./run-child.js";

/** The rows that are read. */
export const rowCount = 1_000_000;

/** What one reader needed; bytes and milliseconds. */
export interface MemoryResult {
  readonly engine: EngineName;
  readonly reader: string;
  readonly isPromised: boolean;
  /** The largest of the rounds: what is promised holds for each. */
  readonly growth: number;
  readonly heapGrowth: number;
  readonly rowsPerSecond: Spread;
  readonly firstRows: Spread;
}

/** The readers of an engine, of the subjects that are asked for; the hand-written and rowkeeper's always. */
export function readersOf(engine: EngineName, { subjects }: Options): ReaderChoice[] {
  return readers.filter((reader) => {
    return reader.engines.includes(engine) && (!isPeer(reader.subject) || subjects.includes(reader.subject));
  });
}

/** One table, filled once, since nothing changes it; each reader reads it in a process of its own, in each round. */
export async function measureMemory(
  prepared: Prepared,
  engineName: EngineName,
  engine: Engine,
  options: Options,
  onReading: (reader: string) => void,
): Promise<MemoryResult[]> {
  onReading("the table");
  const database = await engine.fresh();
  try {
    await database.grow(rowCount);
    const chosen = readersOf(engineName, options);
    const readings: Reading[][] = chosen.map(() => []);
    for (let round = 0; round < options.rounds.memory; round++) {
      for (const [index, choice] of chosen.entries()) {
        onReading(choice.title);
        readings[index]?.push(await readInChild(prepared, engineName, choice, database.location));
      }
    }
    return chosen.map((choice, index) => summarize(engineName, choice, readings[index] ?? [], readings[0] ?? []));
  } finally {
    await database.drop();
  }
}

function readInChild(prepared: Prepared, engine: EngineName, choice: ReaderChoice, location: string): Promise<Reading> {
  const isOther = isPeer(choice.subject);
  const directory = isOther ? prepared.peers : prepared.own;
  const module = join(directory, isOther ? "peers/streams" : "memory", choice.module(engine));
  const args = [module, location, choice.way, String(rowCount)];
  return runChild(`${engine}, ${choice.title}`, join(directory, "memory", "child.js"), args);
}

function summarize(
  engine: EngineName,
  { title, isPromised }: ReaderChoice,
  readings: readonly Reading[],
  [expected]: readonly Reading[],
): MemoryResult {
  const first = readers[0]?.title ?? "";
  for (const { checksum } of readings) {
    assertSame(`${engine}: the rows' sum`, first, String(expected?.checksum), title, String(checksum));
  }
  return {
    engine,
    reader: title,
    isPromised,
    growth: Math.max(...readings.map(({ growth }) => growth)),
    heapGrowth: Math.max(...readings.map(({ heapGrowth }) => heapGrowth)),
    rowsPerSecond: spreadOf(readings.map(({ time }) => (rowCount * 1000) / time)),
    firstRows: spreadOf(readings.map(({ firstRows }) => firstRows)),
  };
}
