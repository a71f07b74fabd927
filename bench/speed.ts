import { SingleBar } from "cli-progress";
import type { Engine } from "./engines/engine.js";
import { start } from "./engines/start.js";
import { measure, type TrialResult } from "./measure.js";
import type { Options } from "./options.js";
import { drawPlots } from "./plots/draw.js";
import type { Prepared } from "./prepare.js";
import { type Recorded, readRecorded, record } from "./recorded.js";
import { detailsTable, ratiosTable, shortTables, terminalTables } from "./report.js";
import { conditionsNow, describeConditions, packageVersions, writeTables } from "./results.js";
import { type EngineName, engineNames } from "./subject.js";

/** Measures the trials one by one; one that fails is told of, and the next one is measured. */
async function* measureEngine(
  name: EngineName,
  prepared: Prepared,
  engine: Engine,
  options: Options,
): AsyncGenerator<TrialResult> {
  const bar = new SingleBar({ format: `${name} {bar} {trial}`, clearOnComplete: true });
  bar.start(options.trials.length, 0, { trial: "" });
  const failures: unknown[] = [];
  try {
    for (const [index, trial] of options.trials.entries()) {
      bar.update(index, { trial });
      try {
        yield await measure(prepared, name, engine, trial, options);
      } catch (error) {
        failures.push(error);
      }
    }
  } finally {
    bar.stop();
  }
  if (failures.length > 0) process.exitCode = 1;
  for (const failure of failures) console.error(failure instanceof Error ? failure.message : failure);
}

/** How long operations take. */
export async function runSpeed(options: Options, prepared: Prepared): Promise<void> {
  const versions = packageVersions("better-sqlite3", "pg");
  const conditions = conditionsNow(options.rounds.speed, versions);
  for (const name of options.engines) {
    const engine = await start[name]();
    const results: TrialResult[] = [];
    try {
      versions[name] = engine.version;
      Object.assign(versions, prepared.versions);
      for await (const result of measureEngine(name, prepared, engine, options)) {
        results.push(result);
        if (options.write) record(options.results, conditions, engine.settings, result);
      }
      console.log(`${name} ${engine.version}: ${engine.settings}\n${terminalTables(results)}\n`);
    } finally {
      await engine.stop();
    }
  }
  console.log("Medians; after = the median of the ratios to expert in the same round (quartiles): below 1 is faster.");
  if (options.write) writeReport(options.results);
}

/** The README's tables, and the plots, of all that is recorded in a file. */
export function writeReport(file: string): void {
  const recorded = readRecorded(file);
  const tables: Record<string, string> = { [nameOf(file, "machine")]: describeRuns(recorded) };
  for (const name of engineNames) {
    const results = recorded.trials.filter(({ engine }) => engine === name);
    if (results.length === 0) continue;
    if (file === "results") {
      tables[name] = detailsTable(results);
      tables[`${name}-ratios`] = ratiosTable(results);
    } else tables[nameOf(file, name)] = shortTables(results);
  }
  writeTables(tables);
  if (file === "results") drawPlots(recorded.trials);
}

/** The marker of what is of a file: `speed-machine`, or `node24-machine` for `results-node24`. */
function nameOf(file: string, what: string): string {
  return `${file === "results" ? "speed" : file.slice("results-".length)}-${what}`;
}

function describeRuns({ runs, trials }: Recorded): string {
  if (runs.length === 1) return runs.map(describeConditions).join("");
  return runs
    .map(
      (run) => `- ${trials.filter(({ measured }) => measured === run.date).length} trials: ${describeConditions(run)}`,
    )
    .join("\n");
}
