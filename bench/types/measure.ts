import { type Compiler, check, compilers, type Work } from "./compilers.js";
import { configOf, type GraphProgram, graphPrograms, type Program, programs } from "./generate.js";
import { type Variant, variants } from "./graph.js";
import { type LibraryName, libraryNames } from "./library.js";

/** What one compiler did for one program. Times and memory are the least of the rounds: what else ran only adds. */
export interface ProgramResult extends Work {
  readonly compiler: string;
  readonly library: LibraryName;
  readonly program: Program;
}

/** The same for a program of the models that refer to each other. */
export interface GraphResult extends Work {
  readonly compiler: string;
  readonly variant: Variant;
  readonly program: GraphProgram;
}

interface Task<F extends LibraryName | Variant = LibraryName | Variant, P extends Program = Program> {
  readonly compiler: Compiler;
  readonly folder: F;
  readonly program: P;
}

/** Compiles every program so many times, in a process each; the libraries, and the graph's variants, take turns. */
export function measureTypes(
  rounds: number,
  onProgram: (done: number, of: number) => void,
): { programs: ProgramResult[]; graph: GraphResult[] } {
  const ofLibraries = tasksOf(libraryNames, programs);
  const ofGraph = tasksOf(variants, graphPrograms);
  const tasks: Task[] = [...ofLibraries, ...ofGraph];
  const works = new Map<Task, Work[]>(tasks.map((task) => [task, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [index, task] of tasks.entries()) {
      onProgram(round * tasks.length + index, rounds * tasks.length);
      works.get(task)?.push(check(task.compiler, configOf(task.folder, task.program)));
    }
  }
  const leastOfTask = (task: Task) => ({ compiler: task.compiler.version, ...leastOf(works.get(task) ?? []) });
  return {
    programs: ofLibraries.map((task) => ({ library: task.folder, program: task.program, ...leastOfTask(task) })),
    graph: ofGraph.map((task) => ({ variant: task.folder, program: task.program, ...leastOfTask(task) })),
  };
}

function tasksOf<F extends LibraryName | Variant, P extends Program>(folders: readonly F[], own: readonly P[]) {
  return compilers.flatMap((compiler) =>
    own.flatMap((program) => folders.map((folder): Task<F, P> => ({ compiler, folder, program }))),
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
