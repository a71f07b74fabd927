import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly version: string;
  readonly dependencies: Record<string, string>;
}

/**
 * Installs the packages of a folder of the bench's, by its lock file, unless they are there.
 *
 * @returns their versions
 * @throws Error where they can't be installed
 */
export function install(folder: string, ...options: readonly string[]): Record<string, string> {
  const { dependencies } = readManifest(folder);
  const isThere = Object.entries(dependencies).every(([name, version]) => {
    const home = join(folder, "node_modules", name);
    return existsSync(join(home, "package.json")) && readManifest(home).version === version;
  });
  if (!isThere) {
    const args = ["ci", "--no-audit", "--no-fund", ...options];
    const { status } = spawnSync("npm", args, { cwd: folder, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error(`the packages of ${folder} can't be installed`);
  }
  return dependencies;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
