/*
 * The programs of docs/audit.md that make ids without rowkeeper, in TypeScript and in Python, as functions of a row in the
 * form of `toPortable`.
 */
import { spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, Workshop } from "../readme/workshop.js";
import { fromPortable, type PortableRow } from "./vectors.js";

/** A row by the columns' names in the database, and their types by the same. */
export interface TypedRow {
  readonly types: Readonly<Record<string, string>>;
  readonly row: PortableRow;
}

/** The block of the page that says this. */
async function blockWith(language: string, words: string): Promise<string> {
  const page = await readFile(join(ROOT, "docs/audit.md"), "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, fence, text]) => fence === language && text?.includes(words))?.[2];
  if (found === undefined) throw new Error(`docs/audit.md has no block of ${language} with ${words}`);
  return found;
}

/** The ids that the program in TypeScript makes. */
export async function idsByTypeScript(rows: readonly TypedRow[]): Promise<string[]> {
  const block = await blockWith("ts", "function idOf(");
  const workshop = await Workshop.open();
  try {
    // Without what it shows of the rows of the page.
    await workshop.write("ids.ts", `${block.replace(/^console\.log.*$/gm, "")}\nexport { idOf };\n`);
    const { idOf } = await import(pathToFileURL(join(workshop.folder, "ids.ts")).href);
    return rows.map(({ types, row }) => {
      const values = Object.entries(row).map(([name, value]) => [name, fromPortable(types[name] ?? "", value)]);
      return idOf(Object.fromEntries(values));
    });
  } finally {
    await workshop.close();
  }
}

/** Why the program in Python can't be run here; undefined where it can. */
export const noPython =
  spawnSync("python3", ["--version"]).status === 0 ? undefined : "python3 is not installed here, or does not run";

/** Gives Python's values of a row, and prints an id for each. */
const PYTHON_MAIN = `
import json
import sys

def value_of(type, value):
    if value is None or type == "json":
        return value
    if type.startswith("array("):
        return [value_of(type[6:-1], item) for item in value]
    if type == "timestamp":
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    if type == "real":
        return float(value)
    return bytes.fromhex(value) if type == "bytes" else value

for line in sys.stdin.buffer:
    given = json.loads(line)
    row = {name: value_of(given["types"][name], value) for name, value in given["row"].items()}
    print(id_of(row))
`;

/** The ids that the program in Python makes. */
export async function idsByPython(rows: readonly TypedRow[]): Promise<string[]> {
  const block = await blockWith("python", "def id_of(");
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
  return linesOf("python3", ["-c", `${block.replace(/^print\(.*$/gm, "")}\n${PYTHON_MAIN}`], lines.join(""));
}

/** The lines that a program prints that is given a text. @throws Error where it fails */
export function linesOf(command: string, args: readonly string[], input: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env };
    // Set by node:test in the processes that it starts; this is no test.
    delete env.NODE_TEST_CONTEXT;
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ["pipe", "pipe", "pipe"], timeout: 120_000 });
    let printed = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(printed.trimEnd().split(/\r?\n/));
      else reject(new Error(`${command} ended with ${code}: ${errors}`));
    });
    // What a program that ended early didn't read is told by its code.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
