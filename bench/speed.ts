import { SingleBar } from "cli-progress";
import type { Engine } from "./engines/engine.js";
import { start } from "./engines/start.js";
import { measure, type TrialResult } from "./measure.js";
import type { Options } from "./options.js";
import { markdownTable, terminalTable } from "./report.js";
import { conditionsNow, packageVersions, writePart } from "./results.js";
import type { EngineName } from "./subject.js";

async function measureEngine(name: EngineName, directory: string, engine: Engine, options: Options) {
  const results: TrialResult[] = [];
  const bar = new SingleBar({ format: `${name} {bar} {trial}`, clearOnComplete: true });
  bar.start(options.trials.length, 0, { trial: "" });
  try {
    for (const [index, trial] of options.trials.entries()) {
      bar.update(index, { trial });
      results.push(await measure(directory, name, engine, trial, options));
    }
  } finally {
    bar.stop();
  }
  return results;
}

/** How long operations take. `directory` holds the compiled subjects. */
export async function runSpeed(options: Options, directory: string): Promise<void> {
  const versions = packageVersions("better-sqlite3", "pg");
  const conditions = conditionsNow(options.rounds.speed, versions);
  const settings: Partial<Record<EngineName, string>> = {};
  const tables: Partial<Record<EngineName, string>> = {};
  const trials: TrialResult[] = [];
  for (const name of options.engines) {
    const engine = await start[name]();
    try {
      versions[name] = engine.version;
      settings[name] = engine.settings;
      const own = await measureEngine(name, directory, engine, options);
      trials.push(...own);
      tables[name] = markdownTable(own);
      console.log(`${name} ${engine.version}: ${engine.settings}\n${terminalTable(own, options)}\n`);
    } finally {
      await engine.stop();
    }
  }
  console.log("Medians; after = the median of the ratios to expert in the same round (quartiles): below 1 is faster.");
  if (options.write) writePart("speed", { conditions, settings, trials }, tables);
}
