import { SingleBar } from "cli-progress";
import { start } from "../engines/start.js";
import type { Options } from "../options.js";
import type { Prepared } from "../prepare.js";
import { conditionsNow, packageVersions, writePart } from "../results.js";
import { type HeldResult, heldBeyondDriver, measureHeld } from "./held.js";
import { type MemoryResult, measureMemory, readersOf } from "./measure.js";
import { growthBeyond, measurePages, type PagesResult } from "./pages.js";
import { markdownTables, terminalTables } from "./report.js";

/** What reading a table of any size may grow the process by, in bytes. */
const mostGrowth = 64 * 2 ** 20;

/**
 * What pages of instances may leave in the heap beyond what is kept of them, in bytes: for each row that
 * came with them, an empty weak reference of 24 bytes or so.
 */
const mostLeft = 32 * 2 ** 20;

/** How the process grows while it reads a large table, or pages. Fails where it grows by more than is promised. */
export async function runMemory(options: Options, prepared: Prepared): Promise<void> {
  const rounds = options.rounds.memory;
  const versions = packageVersions("better-sqlite3", "pg");
  const conditions = conditionsNow(rounds, versions);
  const results: MemoryResult[] = [];
  const pages: PagesResult[] = [];
  const held: HeldResult[] = [];
  for (const name of options.engines) {
    const engine = await start[name]();
    const bar = new SingleBar({ format: `${name} {bar} {reader}`, clearOnComplete: true });
    bar.start(rounds * readersOf(name, options).length + 3, 0, { reader: "" });
    try {
      versions[name] = engine.version;
      Object.assign(versions, prepared.versions);
      results.push(...(await measureMemory(prepared, name, engine, options, (reader) => bar.increment({ reader }))));
      bar.increment({ reader: "pages" });
      pages.push(...(await measurePages(prepared.own, name, engine)));
      bar.increment({ reader: "rows held" });
      held.push(...(await measureHeld(prepared.own, name, engine)));
    } finally {
      bar.stop();
      await engine.stop();
    }
  }
  console.log(`${terminalTables(results, pages, held)}\n`);
  const all = { conditions, readers: results, pages, held };
  if (options.write) writePart("memory", all, markdownTables(results, pages, held));
  for (const { engine, reader, isPromised, growth } of results) {
    if (!isPromised || growth <= mostGrowth) continue;
    console.error(`${engine}, ${reader}: the process grew by ${Math.round(growth / 2 ** 20)} MB; 64 are promised`);
    process.exitCode = 1;
  }
  for (const engine of options.engines) {
    const left = growthBeyond(pages, engine);
    if (left <= mostLeft) continue;
    console.error(`${engine}, pages: ${Math.round(left / 2 ** 20)} MB are left beyond what is kept; 32 are the most`);
    process.exitCode = 1;
  }
  for (const engine of options.engines) {
    const more = heldBeyondDriver(held, engine);
    if (more <= 0) continue;
    console.error(`${engine}: instances hold ${(more / 2 ** 20).toFixed(1)} MB more than the driver's objects`);
  }
}
