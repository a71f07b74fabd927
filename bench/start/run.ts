import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { start } from "../engines/start.js";
import type { Options } from "../options.js";
import type { Prepared } from "../prepare.js";
import { conditionsNow, packageVersions, writePart } from "../results.js";
import { installedSizes } from "./installed.js";
import { measureStart, type StartResult } from "./measure.js";
import { markdownTables, terminalTables } from "./report.js";

/** How much later than the driver alone rowkeeper's first row may come, in milliseconds, and how large it may be. */
const mostMore = 30;
const mostBytes = 3 * 2 ** 20;

/** How long until a new process has its first row, what it then holds, and what was installed for it. */
export async function runStart(options: Options, prepared: Prepared): Promise<void> {
  const rounds = options.rounds.start;
  // By hand there is but one way to begin: the driver.
  const subjects = options.subjects.filter((name) => name !== "expert" && name !== "usual");
  const versions = { ...packageVersions("better-sqlite3", "pg"), ...prepared.versions };
  const conditions = conditionsNow(rounds, versions);
  const results: StartResult[] = [];
  for (const name of options.engines) {
    const engine = await start[name]();
    const bar = new SingleBar({ format: `${name} {bar} {subject}`, clearOnComplete: true });
    bar.start((rounds + 1) * (subjects.length + 1), 0, { subject: "" });
    try {
      versions[name] = engine.version;
      const onRow = (subject: string) => bar.increment({ subject });
      results.push(...(await measureStart(prepared, name, engine, subjects, rounds, onRow)));
    } finally {
      bar.stop();
      await engine.stop();
    }
  }
  const installed = installedSizes(join(prepared.own, "rowkeeper"), subjects);
  console.log(`${terminalTables(results, installed)}\nMedians (quartiles).`);
  if (options.write) writePart("start", { conditions, results, installed }, markdownTables(results, installed));
  for (const { engine, subject, more } of results) {
    if (subject !== "rowkeeper" || more.median <= mostMore) continue;
    console.error(
      `${engine}: rowkeeper's first row comes ${Math.round(more.median)} ms after the driver's; 30 are aimed at`,
    );
  }
  for (const { library, bytes } of installed) {
    if (library !== "rowkeeper" || bytes <= mostBytes) continue;
    console.error(`rowkeeper installed is ${(bytes / 2 ** 20).toFixed(1)} MB; 3 are aimed at`);
  }
}
