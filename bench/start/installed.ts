import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SubjectName } from "../options.js";

/** What is on the disk once a library is installed, with all it depends on but the drivers. */
export interface Installed {
  readonly library: string;
  readonly packages: number;
  /** The sum of the files' sizes, as `du --apparent-size` counts them but for folders. */
  readonly bytes: number;
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
}

interface Manifest {
  readonly version: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const peers = join(root, "bench", "peers");

/** Who talks to the database; their users install one of them, whatever the library. */
const drivers = ["better-sqlite3", "sqlite3", "pg", "mysql2", "@types/better-sqlite3", "@types/pg"];

/** What users of these libraries install to query either engine. */
const packagesOf: Partial<Record<SubjectName, readonly string[]>> = {
  drizzle: ["drizzle-orm"],
  kysely: ["kysely"],
  objection: ["objection", "knex"],
  typeorm: ["typeorm"],
  mikroorm: ["@mikro-orm/core", "@mikro-orm/sqlite", "@mikro-orm/postgresql"],
  sequelize: ["sequelize"],
  prisma: ["@prisma/client", "@prisma/adapter-better-sqlite3", "@prisma/adapter-pg"],
};

/** rowkeeper, compiled into `directory`, and the peers that are installed. */
export function installedSizes(directory: string, subjects: readonly SubjectName[]): Installed[] {
  const sizes = [rowkeeperSize(directory)];
  for (const subject of subjects) {
    const names = packagesOf[subject];
    if (names !== undefined) sizes.push(sumUp(subject, reached(names, peers)));
  }
  return sizes;
}

/** What `npm pack` would take, of this project's own. */
function rowkeeperSize(directory: string): Installed {
  const manifest = readManifest(root);
  const files = [...(manifest.files ?? []), "package.json", "README.md", "LICENSE"];
  const bytes = files.map((name) => sizeOf(name === "dist" ? directory : join(root, name)));
  const sizes = reached(Object.keys(manifest.dependencies ?? {}), root);
  const own = bytes.reduce((sum, size) => sum + size, 0);
  return sumUp("rowkeeper", new Map([[`rowkeeper ${manifest.version}`, own], ...sizes]));
}

function sumUp(library: string, sizes: ReadonlyMap<string, number>): Installed {
  const all = [...sizes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
  const bytes = all.reduce((sum, { bytes }) => sum + bytes, 0);
  return { library, packages: all.length, bytes, largest: all.slice(0, 3) };
}

/** The packages that these, found from a folder, bring with them, the drivers and what only they bring left out. */
function reached(names: readonly string[], from: string): Map<string, number> {
  const sizes = new Map<string, number>();
  const visit = (name: string, from: string) => {
    const folder = drivers.includes(name) ? undefined : find(name, from);
    if (folder === undefined) return;
    const manifest = readManifest(folder);
    // Several copies are there because of what else is: alone, they would be one.
    const title = `${name} ${manifest.version}`;
    if (sizes.has(title)) return;
    sizes.set(title, sizeOf(folder));
    for (const other of wantedBy(manifest)) visit(other, folder);
  };
  for (const name of names) visit(name, from);
  return sizes;
}

/** What npm installs with it, what is optional too, where there is one for the machine. */
function wantedBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Where Node.js would find the package from a folder. */
function find(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Of a file, or of all in a folder but the packages that lie within, which count for themselves. */
function sizeOf(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  return names.reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
