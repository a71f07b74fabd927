import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as graph from "./graph.js";
import { drizzle } from "./libraries/drizzle.js";
import { kysely } from "./libraries/kysely.js";
import { rowkeeper } from "./libraries/rowkeeper.js";
import { type Library, type LibraryName, libraryNames } from "./library.js";
import { type Kind, kinds, models, queries } from "./plan.js";

const libraries: Record<LibraryName, Library> = { rowkeeper, drizzle, kysely };

/** One thing that the compiler is given: an empty program, the models alone, with the queries of one kind, or of all. */
export const programs = ["empty", "models", ...kinds, "all"] as const;
export type Program = (typeof programs)[number];

/** The same for the models that refer to each other. */
export const graphPrograms = ["empty", "models", "all"] as const;
export type GraphProgram = (typeof graphPrograms)[number];

/** Where the generated files are, and what the bench installs beside them. */
export const home = dirname(fileURLToPath(import.meta.url));
const directory = join(home, "generated");

/** What users have, and the same for all; the libraries by their published types, which are not checked themselves. */
const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  lib: ["ES2023", "ESNext.Disposable"],
  types: ["node"],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * Writes each library's files into `generated`, and the compiled rowkeeper beside them, to be found as an installed
 * package is.
 */
export function generate(compiledLibrary: string): void {
  rmSync(directory, { recursive: true, force: true });
  const installed = join(directory, "node_modules", "rowkeeper");
  mkdirSync(installed, { recursive: true });
  cpSync(compiledLibrary, join(installed, "dist"), { recursive: true });
  cpSync(new URL("../../package.json", import.meta.url), join(installed, "package.json"));
  for (const name of libraryNames) write(name, libraries[name]);
  for (const variant of graph.variants) writeGraph(variant);
}

function write(name: LibraryName, library: Library): void {
  const folder = newFolder(name);
  writeFileSync(join(folder, "empty.ts"), `${library.empty}\n`);
  writeFileSync(join(folder, "models.ts"), `${library.models(models)}\n`);
  for (const kind of kinds) writeFileSync(join(folder, `${kind}.ts`), queriesSource(kind, library));
  for (const program of programs) writeConfig(configOf(name, program), filesOf(program));
}

function writeGraph(variant: graph.Variant): void {
  const folder = newFolder(variant);
  writeFileSync(join(folder, "empty.ts"), `${rowkeeper.empty}\n`);
  writeFileSync(join(folder, "models.ts"), `${graph.modelsSource(variant)}\n`);
  writeFileSync(join(folder, "queries.ts"), `${graph.queriesSource(variant)}\n`);
  const files: Record<GraphProgram, string[]> = {
    empty: ["empty.ts"],
    models: ["models.ts"],
    all: ["models.ts", "queries.ts"],
  };
  for (const program of graphPrograms) writeConfig(configOf(variant, program), files[program]);
}

function newFolder(name: string): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }\n`);
  return folder;
}

function writeConfig(path: string, files: readonly string[]): void {
  writeFileSync(path, `${JSON.stringify({ compilerOptions, files }, null, 2)}\n`);
}

function queriesSource(kind: Kind, library: Library): string {
  const functions = bodies(kind, library.queries).map(
    (body, number) => `export async function ${kind}${number}() {\n  ${body}\n}\n`,
  );
  return `${library.imports(kind, models)}\n\n${functions.join("\n")}`;
}

function bodies(kind: Kind, write: Library["queries"]): string[] {
  switch (kind) {
    case "finds":
      return queries.finds.map(write.finds);
    case "selects":
      return queries.selects.map(write.selects);
    case "inserts":
      return queries.inserts.map(write.inserts);
    case "updates":
      return queries.updates.map(write.updates);
    case "deletes":
      return queries.deletes.map(write.deletes);
    case "joins":
      return queries.joins.map(write.joins);
    case "aggregates":
      return queries.aggregates.map(write.aggregates);
  }
}

function filesOf(program: Program): string[] {
  if (program === "empty" || program === "models") return [`${program}.ts`];
  const own = program === "all" ? kinds : [program];
  return ["models.ts", ...own.map((kind) => `${kind}.ts`)];
}

/** The configuration of a program of a library's, or of one of the graph's variants. */
export function configOf(folder: LibraryName | graph.Variant, program: Program): string {
  return join(directory, folder, `tsconfig.${program}.json`);
}
