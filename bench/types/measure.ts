import { type Compiler, check, compilers, type Work } from "./compilers.js";
import { configOf, folderOf, type GraphProgram, graphPrograms, type Program, programsOf } from "./generate.js";
import { type Variant, variants } from "./graph.js";
import { type LibraryName, libraryNames } from "./library.js";
import { type Size, sizes } from "./plan.js";

/** What one compiler did for one program. Times and memory are the least of the rounds: what else ran only adds. */
export interface ProgramResult extends Work {
  readonly compiler: string;
  readonly library: LibraryName;
  readonly models: Size;
  readonly program: Program;
}

/** The same for a program of the models that refer to each other. */
export interface GraphResult extends Work {
  readonly compiler: string;
  readonly variant: Variant;
  readonly program: GraphProgram;
}

interface Task {
  readonly compiler: Compiler;
  readonly folder: string;
  readonly program: Program;
}

interface LibraryTask extends Task {
  readonly library: LibraryName;
  readonly models: Size;
}

interface GraphTask extends Task {
  readonly variant: Variant;
  readonly program: GraphProgram;
}

/** Compiles every program so many times, in a process each; the libraries, and the graph's variants, take turns. */
export function measureTypes(
  rounds: number,
  onProgram: (done: number, of: number) => void,
): { programs: ProgramResult[]; graph: GraphResult[] } {
  const ofLibraries = compilers.flatMap(libraryTasks);
  const ofGraph = compilers.flatMap(graphTasks);
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
    programs: ofLibraries.map((task) => {
      const { library, models, program } = task;
      return { library, models, program, ...leastOfTask(task) };
    }),
    graph: ofGraph.map((task) => ({ variant: task.variant, program: task.program, ...leastOfTask(task) })),
  };
}

function libraryTasks(compiler: Compiler): LibraryTask[] {
  return sizes.flatMap((models) =>
    programsOf(models).flatMap((program) =>
      libraryNames.map((library) => ({ compiler, folder: folderOf(library, models), program, library, models })),
    ),
  );
}

function graphTasks(compiler: Compiler): GraphTask[] {
  return graphPrograms.flatMap((program) =>
    variants.map((variant) => ({ compiler, folder: variant, program, variant })),
  );
}

function leastOf(works: readonly Work[]): Work {
  const least = (measure: keyof Work) => Math.min(...works.map((work) => work[measure]));
  return {
    instantiations: least("instantiations"),
    types: least("types"),
    checkTime: least("checkTime"),
    totalTime: least("totalTime"),
    memory: least("memory"),
  };
}
