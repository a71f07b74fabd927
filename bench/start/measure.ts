import { existsSync } from "node:fs";
import { join } from "node:path";
import { assertSame } from "../compare.js";
import type { Engine } from "../engines/engine.js";
import { runChild } from "../memory/run-child.js";
import { isPeer, type SubjectName } from "../options.js";
import type { Prepared } from "../prepare.js";
import { type Spread, spreadOf } from "../statistics.js";
import type { EngineName } from "../subject.js";
import type { FirstRow } from "./child.js";

export type StartName = "driver" | SubjectName;

/** How one came to its first row; milliseconds and bytes. */
export interface StartResult {
  readonly engine: EngineName;
  readonly subject: StartName;
  readonly fromStart: Spread;
  /** How much later than the driver in the same round. */
  readonly more: Spread;
  readonly fromImport: Spread;
  readonly processor: Spread;
  readonly rss: Spread;
  readonly heap: Spread;
}

/** A process for each in every round; who begins changes. All read the same database, which nothing changes. */
export async function measureStart(
  { own, peers }: Prepared,
  engineName: EngineName,
  engine: Engine,
  subjects: readonly SubjectName[],
  rounds: number,
  onRow: (subject: StartName) => void,
): Promise<StartResult[]> {
  const database = await engine.fresh();
  try {
    const modules = [
      { name: "driver" as const, path: join(own, "start", `driver-${engineName}.js`) },
      ...subjects.map((name) => ({ name, path: modulePath(own, peers, name, engineName) })),
    ].filter(({ path }) => existsSync(path));
    const rows: FirstRow[][] = modules.map(() => []);
    // The first round only fills the disk's cache.
    for (let round = -1; round < rounds; round++) {
      for (let place = 0; place < modules.length; place++) {
        const index = (place + round + 1) % modules.length;
        const { name, path } = modules[index]!;
        onRow(name);
        const script = join(own, "start", "child.js");
        const row = await runChild<FirstRow>(`${engineName}, ${name}`, script, [path, database.location]);
        if (round >= 0) rows[index]!.push(row);
      }
    }
    return modules.map(({ name }, index) => summarize(engineName, name, rows[index]!, rows[0]!));
  } finally {
    await database.drop();
  }
}

function modulePath(own: string, peers: string, subject: SubjectName, engine: EngineName): string {
  if (isPeer(subject)) return join(peers, "peers", `${subject}-${engine}.js`);
  return join(own, "subjects", subject === "rowkeeper" ? "rowkeeper.js" : `${subject}-${engine}.js`);
}

function summarize(
  engine: EngineName,
  subject: StartName,
  rows: readonly FirstRow[],
  ofDriver: readonly FirstRow[],
): StartResult {
  for (const [round, { row }] of rows.entries()) {
    assertSame(`${engine}: the first row`, "driver", ofDriver[round]?.row ?? "", subject, row);
  }
  const spread = (read: (row: FirstRow, round: number) => number) => spreadOf(rows.map(read));
  return {
    engine,
    subject,
    fromStart: spread(({ fromStart }) => fromStart),
    more: spread(({ fromStart }, round) => fromStart - (ofDriver[round]?.fromStart ?? Number.NaN)),
    fromImport: spread(({ fromImport }) => fromImport),
    processor: spread(({ processor }) => processor),
    rss: spread(({ rss }) => rss),
    heap: spread(({ heap }) => heap),
  };
}
