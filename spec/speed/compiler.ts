import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { check, compilers } from "../../bench/types/compilers.js";
import { filesOf, writeConfig, writeSources } from "../../bench/types/generate.js";
import { rowkeeper } from "../../bench/types/libraries/rowkeeper.js";
import { usualSize } from "../../bench/types/plan.js";
import { temporaryFolder } from "./measure.js";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/**
 * How often TypeScript 7 gives a generic type its arguments for the 50 models and 500 queries of `npm run bench types`, by
 * the declarations that the package has.
 */
export async function countInstantiations(): Promise<number> {
  await using folder = await temporaryFolder();
  const installed = join(folder.path, "node_modules", "rowkeeper");
  await mkdir(installed, { recursive: true });
  await cp(join(ROOT, "package.json"), join(installed, "package.json"));
  const [compiler] = compilers;
  if (compiler === undefined) throw new Error("there is no compiler");
  const outDir = join(installed, "dist");
  await run(process.execPath, [compiler.script, "-p", "tsconfig.build.json", "--outDir", outDir], { cwd: ROOT });
  writeSources(folder.path, rowkeeper, usualSize);
  const config = join(folder.path, "tsconfig.json");
  writeConfig(config, filesOf("all"));
  return check(compiler, config).instantiations;
}
