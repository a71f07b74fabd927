import { SingleBar } from "cli-progress";
import { start } from "../engines/start.js";
import type { Options } from "../options.js";
import { conditionsNow, packageVersions, writePart } from "../results.js";
import { type MemoryResult, measureMemory } from "./measure.js";
import { readers } from "./reader.js";
import { markdownTable, terminalTable } from "./report.js";

/** What reading a table of any size may grow the process by, in bytes. */
const mostGrowth = 64 * 2 ** 20;

/** How the process grows while it reads a large table. Fails where rowkeeper's grows by more than is promised. */
export async function runMemory(options: Options, directory: string): Promise<void> {
  const rounds = options.rounds.memory;
  const versions = packageVersions("better-sqlite3", "pg");
  const conditions = conditionsNow(rounds, versions);
  const results: MemoryResult[] = [];
  for (const name of options.engines) {
    const engine = await start[name]();
    const bar = new SingleBar({ format: `${name} {bar} {reader}`, clearOnComplete: true });
    bar.start(rounds * readers.length + 1, 0, { reader: "" });
    try {
      versions[name] = engine.version;
      results.push(...(await measureMemory(directory, name, engine, rounds, (reader) => bar.increment({ reader }))));
    } finally {
      bar.stop();
      await engine.stop();
    }
  }
  console.log(`${terminalTable(results)}\n`);
  if (options.write) writePart("memory", { conditions, readers: results }, { memory: markdownTable(results) });
  for (const { engine, reader, isPromised, growth } of results) {
    if (!isPromised || growth <= mostGrowth) continue;
    console.error(`${engine}, ${reader}: the process grew by ${Math.round(growth / 2 ** 20)} MB; 64 are promised`);
    process.exitCode = 1;
  }
}
