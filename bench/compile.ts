import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.9";

const source = dirname(fileURLToPath(import.meta.url));
const output = join(source, ".tmp");
const peers = join(source, "peers");

/**
 * Strips the types of the bench's files into `.tmp`, for the child processes to run as plain JavaScript. Under tsx
 * functions and classes would be wrapped to keep their names, a cost that users do not have.
 * @returns the directory of the compiled files.
 */
export function compile(): string {
  rmSync(output, { recursive: true, force: true });
  for (const folder of [".", "subjects", "memory", "start"]) stripFolder(join(source, folder), join(output, folder));
  return output;
}

/**
 * The same with the peers, all in `peers/.tmp`: from there their own packages are found.
 * @returns the directory of the compiled files.
 */
export function compilePeers(): string {
  const directory = join(peers, ".tmp");
  rmSync(directory, { recursive: true, force: true });
  for (const folder of [".", "subjects", "memory", "start"]) stripFolder(join(source, folder), join(directory, folder));
  for (const folder of foldersOf(peers)) stripFolder(folder, join(directory, "peers", relative(peers, folder)));
  return directory;
}

/** A folder and those within, but for packages and what is compiled. */
function foldersOf(folder: string): string[] {
  const within = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".tmp")
    .flatMap(({ name }) => foldersOf(join(folder, name)));
  return [folder, ...within];
}

function stripFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join(from, file), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    writeFileSync(join(to, file.replace(/\.ts$/, ".js")), outputText);
  }
}

/**
 * Compiles the library as `npm run build` does, into a folder of the bench's own: a build that runs meanwhile empties
 * `dist`.
 * @throws Error where it doesn't compile
 */
export function compileLibrary(): void {
  const args = ["tsx", "scripts/build.ts", join(output, "rowkeeper")];
  const { status } = spawnSync("npx", args, { cwd: dirname(source), stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("rowkeeper doesn't compile; --subject expert,usual runs without it");
}
