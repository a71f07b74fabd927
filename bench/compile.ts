import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.9";

const source = dirname(fileURLToPath(import.meta.url));
const output = join(source, ".tmp");

/**
 * Strips the types of the bench's files into `.tmp`, for the child processes to run as plain JavaScript. Under tsx
 * functions and classes would be wrapped to keep their names, a cost that users do not have.
 * @returns the directory of the compiled files.
 */
export function compile(): string {
  rmSync(output, { recursive: true, force: true });
  for (const folder of [".", "subjects", "memory"]) {
    mkdirSync(join(output, folder), { recursive: true });
    for (const file of readdirSync(join(source, folder)).filter((name) => name.endsWith(".ts"))) {
      const { outputText } = ts.transpileModule(readFileSync(join(source, folder, file), "utf8"), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
      });
      writeFileSync(join(output, folder, file.replace(/\.ts$/, ".js")), outputText);
    }
  }
  return output;
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
