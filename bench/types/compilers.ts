import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** A TypeScript that programs are checked with. */
export interface Compiler {
  readonly version: string;
  readonly script: string;
  readonly options: readonly string[];
}

/** What a compiler says of its work on one program. */
export interface Work {
  /** How often a generic type was given its arguments: the same at every run. */
  readonly instantiations: number;
  readonly types: number;
  /** Milliseconds. */
  readonly checkTime: number;
  /** The same, with reading and parsing all files. */
  readonly totalTime: number;
  /** Megabytes. */
  readonly memory: number;
}

/** TypeScript 7, in one thread, since several repeat some of their work and differ from run to run; and 5.9. */
export const compilers: readonly Compiler[] = [
  compilerOf("typescript", ["--singleThreaded"]),
  compilerOf("typescript-5.9", []),
];

function compilerOf(name: string, options: readonly string[]): Compiler {
  const manifest = require.resolve(`${name}/package.json`);
  const { version }: { version: string } = require(manifest);
  return { version, script: join(dirname(manifest), "bin", "tsc"), options };
}

/**
 * Checks one program in a process of its own.
 *
 * @throws Error where it has errors
 */
export function check(compiler: Compiler, config: string): Work {
  const args = [compiler.script, "-p", config, "--extendedDiagnostics", ...compiler.options];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) {
    const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
    throw new Error([`${config} has errors:`, ...errors.slice(0, 10)].join("\n"));
  }
  const read = (name: string, unit: string) => {
    const value = new RegExp(`^${name}: +([\\d.]+)${unit}$`, "m").exec(stdout)?.[1];
    if (value === undefined) throw new Error(`TypeScript ${compiler.version} tells no ${name}`);
    return Number(value);
  };
  return {
    instantiations: read("Instantiations", ""),
    types: read("Types", ""),
    checkTime: read("Check time", "s") * 1000,
    totalTime: read("Total time", "s") * 1000,
    memory: read("Memory used", "K") / 1024,
  };
}
