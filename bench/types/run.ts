import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { install } from "../install.js";
import type { Options } from "../options.js";
import type { Prepared } from "../prepare.js";
import { conditionsNow, packageVersions, writePart } from "../results.js";
import { generate, home } from "./generate.js";
import { mostTime, timeMore } from "./graph-report.js";
import { measureTypes } from "./measure.js";
import { typesTables, typesTerminalTable } from "./report.js";

/** The compiler's work, beside other libraries', and what relations add to it. Fails where they add much. `own` holds rowkeeper, compiled. */
export async function runTypes(options: Options, { own }: Prepared): Promise<void> {
  const versions = { ...packageVersions("typescript", "typescript-5.9"), ...install(home, "--ignore-scripts") };
  const conditions = conditionsNow(options.rounds.types, versions);
  const generated = generate(join(own, "rowkeeper"));
  const bar = new SingleBar({ format: "types {bar} {value}/{total}", clearOnComplete: true });
  bar.start(1, 0);
  const { programs, graph } = measureTypes(options.rounds.types, (done, total) => {
    bar.setTotal(total);
    bar.update(done);
  });
  bar.stop();
  const results = { conditions, programs, graph, generated };
  console.log(`${typesTerminalTable(results)}\nAfter = how many times as much as rowkeeper.\n`);
  if (options.write) writePart("types", results, typesTables(results));
  const more = timeMore(graph);
  if (more <= mostTime) return;
  console.error(`relations cost the compiler ${Math.round(more)} ms; ${mostTime} are the most`);
  process.exitCode = 1;
}
