import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as graph from "./graph.js";
import { drizzle } from "./libraries/drizzle.js";
import { kysely } from "./libraries/kysely.js";
import { prisma } from "./libraries/prisma.js";
import { rowkeeper } from "./libraries/rowkeeper.js";
import { type Library, type LibraryName, libraryNames } from "./library.js";
import { type Kind, kinds, type Plan, planOf, type Queries, type Size, sizes, usualSize } from "./plan.js";

const libraries: Record<LibraryName, Library> = { rowkeeper, drizzle, kysely, prisma };

/** One thing that the compiler is given: an empty program, the models alone, with the queries of one kind, or of all. */
export const programs = ["empty", "models", ...kinds, "all"] as const;
export type Program = (typeof programs)[number];

/** The programs of each size; all of them of one only. */
export const programsOf = (size: Size): readonly Program[] => (size === usualSize ? programs : ["models", "all"]);

/** What a library's own program makes of so many models. */
export interface Generated {
  readonly library: LibraryName;
  readonly models: Size;
  /** Milliseconds. */
  readonly time: number;
  /** Bytes. */
  readonly size: number;
}

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
export function generate(compiledLibrary: string): Generated[] {
  rmSync(directory, { recursive: true, force: true });
  const installed = join(directory, "node_modules", "rowkeeper");
  mkdirSync(installed, { recursive: true });
  cpSync(compiledLibrary, join(installed, "dist"), { recursive: true });
  cpSync(new URL("../../package.json", import.meta.url), join(installed, "package.json"));
  for (const variant of graph.variants) writeGraph(variant);
  return sizes.flatMap((size) => libraryNames.flatMap((name) => write(name, libraries[name], size) ?? []));
}

function write(name: LibraryName, library: Library, size: Size): Generated | undefined {
  const folder = newFolder(folderOf(name, size));
  writeSources(folder, library, size);
  for (const program of programsOf(size)) writeConfig(configOf(folderOf(name, size), program), filesOf(program));
  if (library.generate === undefined) return undefined;
  const [before, start] = [sizeOf(folder), performance.now()];
  library.generate(folder, planOf(size).models);
  return { library: name, models: size, time: performance.now() - start, size: sizeOf(folder) - before };
}

/** Writes a library's models, and its queries of each kind. */
export function writeSources(folder: string, library: Library, size: Size): void {
  const { models, queries } = planOf(size);
  writeFileSync(join(folder, "empty.ts"), `${library.empty}\n`);
  writeFileSync(join(folder, "models.ts"), `${library.models(models)}\n`);
  for (const kind of kinds)
    writeFileSync(join(folder, `${kind}.ts`), queriesSource(kind, library, { models, queries }));
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
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

/** Writes the compiler's settings for some files. */
export function writeConfig(path: string, files: readonly string[]): void {
  writeFileSync(path, `${JSON.stringify({ compilerOptions, files }, null, 2)}\n`);
}

function queriesSource(kind: Kind, library: Library, { models, queries }: Plan): string {
  const functions = bodies(kind, queries, library.queries).map(
    (body, number) => `export async function ${kind}${number}() {\n  ${body}\n}\n`,
  );
  return `${library.imports(kind, models)}\n\n${functions.join("\n")}`;
}

function bodies(kind: Kind, queries: Queries, write: Library["queries"]): string[] {
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

/** The files of a program. */
export function filesOf(program: Program): string[] {
  if (program === "empty" || program === "models") return [`${program}.ts`];
  const own = program === "all" ? kinds : [program];
  return ["models.ts", ...own.map((kind) => `${kind}.ts`)];
}

/** The folder of a library's programs of this size. */
export const folderOf = (library: LibraryName, size: Size): string => `${library}-${size}`;

/** The configuration of a program of a folder, which is a library's, or that of one of the graph's variants. */
export function configOf(folder: string, program: Program): string {
  return join(directory, folder, `tsconfig.${program}.json`);
}
