import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Measured } from "./counts.js";

const run = promisify(execFile);
const TEMPORARY = join(import.meta.dirname, ".tmp");

/**
 * A young generation that holds all that is allocated between two readings. Without the optimizing compilers, which
 * leave some allocations out, and other ones in each version of V8, the bytes are those of the code as it is written.
 */
const NODE_OPTIONS = [
  "--expose-gc",
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
  "--no-opt",
  "--no-maglev",
];

/** A new folder from which what this project has installed is found; to be taken by `await using`. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  await mkdir(TEMPORARY, { recursive: true });
  const path = await mkdtemp(join(TEMPORARY, "run-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Counts on the empty database of this URL, in a process of its own, with the modules as one as in the package. */
export async function measure(url: string): Promise<Measured> {
  await using folder = await temporaryFolder();
  const program = join(folder.path, "child.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "child.ts")],
    outfile: program,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "warning",
  });
  const { stdout } = await run(process.execPath, [...NODE_OPTIONS, program, url]);
  return JSON.parse(stdout);
}
