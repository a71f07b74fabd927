/**
 * `npm run build [folder]`: compiles src/ into dist/, which it empties, or into the folder: its modules as one, since
 * hundreds take long to load, and the declarations of each. Ends with the compiler's own exit code.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = resolve(process.argv[2] ?? join(root, "dist"));
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");

rmSync(output, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", output], {
  cwd: root,
  stdio: "inherit",
});
if (error) throw error;
process.exitCode = status ?? 1; // null: it was killed by a signal
if (status === 0) {
  await build({
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    tsconfig: "tsconfig.build.json",
    outfile: join(output, "index.js"),
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "warning",
  });
}
