import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** What a child process did. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node.js, for a minute at most unless `timeout` says otherwise, in milliseconds. */
export function runNode(
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; timeout?: number },
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    // Set by node:test in the processes that it starts; programs run here are no tests.
    delete env.NODE_TEST_CONTEXT;
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeout ?? 60_000,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * An empty folder within the project, in which programs that say `from "rowkeeper"` compile and run, against the sources:
 * it needs no build, and resolves the packages that the project has.
 */
export class Workshop {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Workshop> {
    await mkdir(join(ROOT, ".tmp"), { recursive: true });
    const workshop = new Workshop(await mkdtemp(join(ROOT, ".tmp/programs-")));
    const settings = {
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        paths: { rowkeeper: [join(ROOT, "src/index.ts")] },
        noUnusedLocals: false, // a program may show what a call gives without using it
      },
      include: ["*.ts"],
      exclude: [],
    };
    await workshop.write("tsconfig.json", JSON.stringify(settings));
    return workshop;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  /** Compiles all programs of the folder, without running them. */
  check(): Promise<Run> {
    return runNode([join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: this.folder });
  }

  /** Runs a program, in an empty folder below. */
  async run(name: string): Promise<Run> {
    const cwd = await mkdtemp(join(this.folder, "run-"));
    const env = { TSX_TSCONFIG_PATH: join(this.folder, "tsconfig.json") };
    return runNode(["--import", import.meta.resolve("tsx"), join(this.folder, name)], { cwd, env });
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
