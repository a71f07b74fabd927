/**
 * The tour: `npm start` fills a database with the world's countries and cities and shows, in numbered steps, what
 * rowkeeper does with them: the code that runs, and what it gave.
 *
 * It writes to the file tour.db in the current folder, or to the database that DATABASE_URL names
 * (`DATABASE_URL=postgres://… npm start`). Its tables, whose names begin with `tour_`, are dropped and made again at the
 * start and left there at the end, to be looked at; nothing else in the database is touched, but that `deleted_records` is
 * made where it is not there, and stays empty. A picture of them goes to the file tour.html in the current folder.
 *
 * `npm start -- --driver pglite` runs it on PGlite, PostgreSQL in WebAssembly, through the driver in examples/pglite, in
 * memory.
 */
import { parseArgs } from "node:util";
import { Database } from "rowkeeper";
import { fill, fillCode } from "./fill.js";
import { models } from "./models.js";
import { watchSlowest } from "./slowest.js";
import type { Step } from "./step.js";
import { steps } from "./steps/index.js";
import { readerBeside } from "./steps/reader-beside.js";
import {
  bold,
  dim,
  inTime,
  say,
  sayCode,
  sayStep,
  sayTitle,
} from "./terminal.js";

const { values: options } = parseArgs({
  options: { driver: { type: "string" } },
});
const url = process.env.DATABASE_URL || "sqlite:tour.db";

async function tour(
  target: ConstructorParameters<typeof Database>[0],
  name: string,
  wanted: readonly Step[],
): Promise<void> {
  const started = performance.now();
  say(bold("rowkeeper: a tour"), "", `  Database  ${name}`);
  say(dim("  Tables    those named tour_…: dropped and made again"));
  await using db = new Database(target, { models });
  const slowest = watchSlowest(db);
  await db.dropAll();
  await db.createAll();

  sayTitle("0. Filling the tables");
  sayCode(fillCode);
  await fill();
  const sent: string[] = [];
  db.on("query", ({ sql }) => sent.push(sql));
  for (const [at, step] of wanted.entries()) {
    sent.length = 0;
    const begun = performance.now();
    const outcome = await step.run(sent, { db, slowest });
    sayStep(at + 1, step, outcome, performance.now() - begun);
  }
  say(
    "",
    `Done in ${inTime(performance.now() - started)}. The tables are still in ${name}.`,
  );
  say(dim("The code is in examples/tour; the README says more."));
}

/** PGlite has one connection, so that nobody reads beside an open transaction. */
async function tourOfPGlite(): Promise<void> {
  const { PGlite } = await import("@electric-sql/pglite");
  const { pgliteDriver } = await import("../pglite/driver.js");
  const server = await PGlite.create();
  const wanted = steps.filter((step) => step !== readerBeside);
  await tour(pgliteDriver(server), "PGlite, in memory", wanted);
  await server.close();
}

function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^:@/]*):[^@/]*@/, "$1:***@");
}

function refuse(message: string): void {
  console.error(message);
  process.exitCode = 2;
}

if (options.driver === "pglite") await tourOfPGlite();
else if (options.driver !== undefined)
  refuse(
    "--driver takes pglite; another database is chosen by DATABASE_URL.",
  );
else if (url.includes(":memory:"))
  refuse(
    "The tour needs a database file or a server: a step reads beside an open transaction.",
  );
else await tour(url, withoutPassword(url), steps);
