import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const prisma = join(folder, "node_modules", "prisma");

/**
 * Generates Prisma's clients from their schemas, unless they are there and as new as these and the package.
 *
 * @throws Error where that fails
 */
export async function generate(): Promise<void> {
  for (const file of readdirSync(join(folder, "prisma")).filter((name) => name.endsWith(".prisma"))) {
    const schema = join(folder, "prisma", file);
    const client = join(folder, "prisma", "generated", file.replace(/\.prisma$/, ""), "client.ts");
    if (existsSync(client) && [schema, join(prisma, "package.json")].every((path) => isOlder(path, client))) continue;
    const { status } = spawnSync("node", [join(prisma, "build", "index.js"), "generate", "--schema", schema], {
      cwd: folder,
      stdio: ["ignore", 2, 2],
      // Its command asks for the engine of migrations first, which is a download; nothing here runs it.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
    });
    if (status !== 0) throw new Error(`Prisma generates no client of ${file}`);
  }
}

function isOlder(path: string, than: string): boolean {
  return statSync(path).mtimeMs <= statSync(than).mtimeMs;
}
