/**
 * `npm run build [folder]`: compiles src/ into dist/, which it empties, or into the folder: the declarations of each module,
 * and the modules as one, since hundreds take long to load, but for those that are only imported by `import()`, whose text
 * no program has to read that doesn't need them. Ends with the compiler's own exit code.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { type MinifyOptions, minify } from "terser";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = resolve(process.argv[2] ?? join(root, "dist"));
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");

/**
 * Without white space, and with short names for what functions declare, as less is to be read at the start then. What a file
 * declares itself, methods and classes keep their names, which errors' stacks show.
 */
const SHORT: MinifyOptions = {
  compress: false,
  mangle: { toplevel: false, keep_classnames: true },
  format: { ascii_only: true, max_line_len: 120 }, // Of the line that an error comes from, Node shows all.
};

rmSync(output, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", output], {
  cwd: root,
  stdio: "inherit",
});
if (error) throw error;
process.exitCode = status ?? 1; // null: it was killed by a signal
if (status === 0) await bundle();

/**
 * All that is imported from `index.ts` on goes into one file. esbuild makes one for each set of entry points that share
 * something, and what `import()` loads is an entry point: so each imports the index, and shares all of it.
 */
async function bundle(): Promise<void> {
  const index = "src/index.ts";
  const options = {
    absWorkingDir: root,
    entryPoints: [index],
    tsconfig: "tsconfig.build.json",
    outdir: output,
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Sets of Unicode's letters, which take long to parse, become `new RegExp(…)`: parsed where it runs, not with the file.
    supported: { "regexp-sticky-and-unicode-flags": false },
    logLevel: "warning",
  } satisfies BuildOptions;
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const entries = Object.values(metafile.outputs).flatMap(({ entryPoint = index }) => entryPoint);
  const late = new Set(entries.filter((entry) => entry !== index).map((entry) => join(root, entry)));
  const together: Plugin = {
    name: "together",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!late.has(path)) return undefined;
        return {
          contents: `import ${JSON.stringify(join(root, index))};\n${await readFile(path, "utf8")}`,
          loader: "ts",
        };
      });
    },
  };
  // Annotated as having no side effects, the index would not be imported for nothing but its sake.
  const { outputFiles } = await build({ ...options, plugins: [together], ignoreAnnotations: true, write: false });
  for (const { path, text } of outputFiles) {
    const { code = "" } = await minify(withOwnNames(text), SHORT);
    await writeFile(path, code);
  }
}

/**
 * Gives classes their names back. One that names itself becomes `Order = class _Order`; names are shown, and DeletedModel's
 * is stored. esbuild's `keepNames` calls a function for every name that there is, which takes longer than all else at the start.
 */
function withOwnNames(text: string): string {
  const renamed = [...text.matchAll(/\b(\w+)\s*=\s*class\s+_\1\b/g)];
  return renamed.reduce((all, [, name]) => all.replace(new RegExp(`\\b_${name}\\b`, "g"), `${name}`), text);
}
