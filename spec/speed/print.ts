/*
 * `npx tsx spec/speed/print.ts` prints what the specs of this folder count now, in the form of ceilings.ts: statements
 * and promises as they are, bytes with a quarter more. DATABASE_URL names a server of PostgreSQL, else one is started.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSchema } from "../support/engines.js";
import { startPostgres } from "../support/postgres-server.js";
import { countInstantiations } from "./compiler.js";
import { measure } from "./measure.js";

/** So that versions of V8 may differ. */
const SLACK = 1.25;

async function print(engine: string, url: string): Promise<void> {
  const { operations, heldPerShape, heldPerInstance } = await measure(url);
  console.log(`  ${engine}: {`);
  for (const [name, { statements, promises, bytes }] of Object.entries(operations)) {
    const ceiling = Math.ceil((bytes * SLACK) / 10) * 10;
    const key = name.includes(" ") ? `"${name}"` : name;
    console.log(`    ${key}: { statements: ${statements}, promises: ${promises}, bytes: ${ceiling} },`);
  }
  console.log(`  },\n  // held for each shape: ${heldPerShape} bytes, for each instance: ${heldPerInstance}`);
}

const directory = await mkdtemp(join(tmpdir(), "rowkeeper-speed-"));
try {
  await print("sqlite", `sqlite:${join(directory, "speed.db")}`);
} finally {
  await rm(directory, { recursive: true, force: true });
}

const server = process.env.DATABASE_URL ? undefined : await startPostgres();
if (server !== undefined) process.env.DATABASE_URL = server.url;
try {
  const { url, drop } = await makeSchema();
  await print("postgres", url);
  await drop();
} finally {
  await server?.stop();
}

console.log(`  // the compiler's instantiations: ${await countInstantiations()}`);
