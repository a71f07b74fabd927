import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Compiler, check, compilers, type Work } from "./compilers.js";
import { configOf, home, type Program, programs } from "./generate.js";
import { type LibraryName, libraryNames } from "./library.js";

/** What one compiler did for one program. Times and memory are the least of the rounds: what else ran only adds. */
export interface ProgramResult extends Work {
  readonly compiler: string;
  readonly library: LibraryName;
  readonly program: Program;
}

/**
 * Installs the libraries to compare with, by the lock file, unless they are there.
 *
 * @returns their versions
 */
export function installPeers(): Record<string, string> {
  const { dependencies }: { dependencies: Record<string, string> } = readManifest(join(home, "package.json"));
  const isThere = Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(home, "node_modules", name, "package.json");
    return existsSync(manifest) && readManifest(manifest).version === version;
  });
  if (!isThere) {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    const { status } = spawnSync("npm", args, { cwd: home, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error("the libraries to compare with can't be installed");
  }
  return dependencies;
}

function readManifest(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}

interface Task {
  readonly compiler: Compiler;
  readonly library: LibraryName;
  readonly program: Program;
}

/** Compiles every program so many times, in a process each; the libraries take turns. */
export function measureTypes(rounds: number, onProgram: (done: number, of: number) => void): ProgramResult[] {
  const tasks = tasksOf();
  const works: Work[][] = tasks.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { compiler, library, program }] of tasks.entries()) {
      onProgram(round * tasks.length + index, rounds * tasks.length);
      works[index]?.push(check(compiler, configOf(library, program)));
    }
  }
  return tasks.map(({ compiler, library, program }, index) => {
    return { compiler: compiler.version, library, program, ...leastOf(works[index] ?? []) };
  });
}

function tasksOf(): Task[] {
  return compilers.flatMap((compiler) =>
    programs.flatMap((program) => libraryNames.map((library) => ({ compiler, library, program }))),
  );
}

function leastOf(works: readonly Work[]): Work {
  const least = (measure: keyof Work) => Math.min(...works.map((work) => work[measure]));
  return {
    instantiations: least("instantiations"),
    types: least("types"),
    checkTime: least("checkTime"),
    memory: least("memory"),
  };
}
