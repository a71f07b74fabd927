/**
 * The tour: `npm start` fills a database with the world's countries and cities and shows, in numbered steps, what
 * rowkeeper does with them: the code that runs, and what it gave.
 *
 * It writes to the file tour.db in the current folder, or to the database that DATABASE_URL names
 * (`DATABASE_URL=postgres://… npm start`). Its tables, whose names begin with `tour_`, are dropped and made again at the
 * start and left there at the end, to be looked at; nothing else in the database is touched.
 */
import { Database } from "rowkeeper";
import { fill, fillCode } from "./fill.js";
import { models } from "./models.js";
import { steps } from "./steps/index.js";
import {
  bold,
  dim,
  inTime,
  say,
  sayCode,
  sayStep,
  sayTitle,
} from "./terminal.js";

const url = process.env.DATABASE_URL || "sqlite:tour.db";

async function tour(): Promise<void> {
  const started = performance.now();
  say(bold("rowkeeper: a tour"), "", `  Database  ${withoutPassword(url)}`);
  say(dim("  Tables    those named tour_…: dropped and made again"));
  await using db = new Database(url, { models });
  await db.dropAll();
  await db.createAll();

  sayTitle("0. Filling the tables");
  sayCode(fillCode);
  await fill();
  const sent: string[] = [];
  db.on("query", ({ sql }) => sent.push(sql));
  for (const [at, step] of steps.entries()) {
    sent.length = 0;
    const begun = performance.now();
    const outcome = await step.run(sent);
    sayStep(at + 1, step, outcome, performance.now() - begun);
  }
  say(
    "",
    `Done in ${inTime(performance.now() - started)}. The tables are still in ${withoutPassword(url)}.`,
  );
  say(dim("The code is in examples/tour; the README says more."));
}

function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^:@/]*):[^@/]*@/, "$1:***@");
}

if (url.includes(":memory:")) {
  console.error(
    "The tour needs a database file or a server: a step reads beside an open transaction.",
  );
  process.exitCode = 2;
} else {
  await tour();
}
