import { loadavg } from "node:os";
import { SingleBar } from "cli-progress";
import { compile, compileLibrary } from "./compile.js";
import type { Engine } from "./engines/engine.js";
import { startPostgres } from "./engines/postgres.js";
import { startSqlite } from "./engines/sqlite.js";
import { measure, type TrialResult } from "./measure.js";
import { type Options, parseOptions, usage } from "./options.js";
import { describeMachine, packageVersions, type Results, terminalTable, writeResults } from "./report.js";
import type { EngineName } from "./subject.js";

const start: Record<EngineName, () => Promise<Engine>> = { sqlite: startSqlite, postgres: startPostgres };

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

async function run(options: Options): Promise<void> {
  const [load = 0] = loadavg();
  if (load > 0.5) console.warn(`The machine is busy (load ${load.toFixed(1)}): the spread will be wide.`);
  const directory = compile();
  if (options.subjects.includes("rowkeeper")) compileLibrary();
  const versions = packageVersions();
  const settings: Results["settings"] = {};
  const results: TrialResult[] = [];
  for (const name of options.engines) {
    const engine = await start[name]();
    try {
      versions[name] = engine.version;
      settings[name] = engine.settings;
      const own = await measureEngine(name, directory, engine, options);
      results.push(...own);
      console.log(`${name} ${engine.version}: ${engine.settings}\n${terminalTable(own, options)}\n`);
    } finally {
      await engine.stop();
    }
  }
  console.log("Medians; after = the median of the ratios to expert in the same round (quartiles): below 1 is faster.");
  if (!options.write) return;
  const date = new Date().toISOString();
  writeResults({ date, machine: describeMachine(), load, versions, settings, rounds: options.rounds, trials: results });
}

const options = parseOptions(process.argv.slice(2));
if (options === "help") console.log(usage);
else await run(options);
