import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Database, QueryEvent } from "rowkeeper";

/** What a step shows when it has run: SQL that it sent, a table of its rows, and a line below it. */
export interface Outcome {
  readonly sql?: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly caption?: string;
}

/** What there is for a step that wants more than the models. */
export interface Tour {
  readonly db: Database;
  /** The slowest statements so far, slowest first. */
  readonly slowest: readonly QueryEvent[];
}

/** One numbered step of the tour. */
export interface Step {
  readonly title: string;
  /** The code that `run` runs, as it stands in the source. */
  readonly code: string;
  /** @param sent the SQL that was sent since it began, to which each statement is added */
  run(sent: readonly string[], tour: Tour): Promise<Outcome>;
}

/**
 * A step of the tour. What it shows as its code is what stands between `// #region shown` and `// #endregion` in its own
 * file, so the code shown is the code run. (A function's own text would be what the compiler made of it.)
 *
 * @param file the `import.meta.url` of the step's file
 * @param more code of elsewhere to show before it, from {@link regionOf}
 */
export function defineStep(
  file: string,
  title: string,
  run: Step["run"],
  more?: string,
): Step {
  const own = regionOf(file, "shown");
  return {
    title,
    code: more === undefined ? own : `${more}\n\n${own}`,
    run,
  };
}

/** The lines between `// #region <name>` and the `// #endregion` after it, without their common indentation. */
export function regionOf(file: string, name: string): string {
  const path = fileURLToPath(file);
  const lines = readFileSync(path, "utf8").split(/\r?\n/);
  const start = lines.findIndex(
    (line) => line.trim() === `// #region ${name}`,
  );
  const end = lines.findIndex(
    (line, at) => at > start && line.trim() === "// #endregion",
  );
  if (start < 0 || end < 0)
    throw new TypeError(`${path} has no region "${name}"`);
  return dedent(lines.slice(start + 1, end)).join("\n");
}

function dedent(lines: readonly string[]): string[] {
  const indents = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.search(/\S/));
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common));
}
