import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, compileLibrary, compilePeers } from "./compile.js";
import { install } from "./install.js";
import { isPeer, type Options } from "./options.js";
import { generate } from "./peers/generate.js";

/** What is there before anything is measured. */
export interface Prepared {
  /** The directory of the compiled files. */
  readonly own: string;
  /** The same for the peers: what a module imports is found from where it lies. */
  readonly peers: string;
  /** The peers' packages; none where no peer is asked for. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Compiles the bench, rowkeeper, and the peers, whose packages are installed first, as far as they are asked for. */
export async function prepare({ parts, subjects }: Options): Promise<Prepared> {
  const own = compile();
  if (subjects.includes("rowkeeper") || parts.some((part) => part !== "speed")) compileLibrary();
  if (!subjects.some(isPeer) || parts.every((part) => part === "types")) return { own, peers: "", versions: {} };
  const versions = install(join(dirname(fileURLToPath(import.meta.url)), "peers"));
  if (subjects.includes("prisma")) await generate();
  return { own, peers: compilePeers(), versions };
}
