import { relative } from "node:path";
import type { styleText } from "node:util";
import type { QueryEvent } from "./events.js";
import { wordsOf } from "./sql-words.js";

/** What is printed of a statement at most, in characters; and of a list of columns. */
const LONGEST = 240;
const LONGEST_LIST = 60;

const KEYWORDS = new Set(
  (
    "select insert into update delete from where and or not in is null exists between like ilike as on using join left right " +
    "inner full outer cross lateral group by having order asc desc nulls first last limit offset union all except intersect " +
    "with recursive values set returning conflict do nothing default distinct case when then else end over partition create " +
    "table index unique primary key references foreign constraint check drop alter if cascade for share begin commit " +
    "rollback savepoint release explain pragma materialized escape collate cast true false"
  ).split(" "),
);

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
// Node 20 knows no stream to look at, and later ones would look at another; whether to colour is decided here.
const coloured: Paint = (style, text) =>
  process.getBuiltinModule("node:util").styleText(style, text, { validateStream: false });

/** Whether the standard error shows colours: a terminal that has them, where NO_COLOR is not set. */
function paintOfStderr(): Paint {
  const { stderr, env } = process;
  const isColoured = stderr.isTTY === true && !env.NO_COLOR && stderr.hasColors();
  return isColoured ? coloured : plain;
}

/** Prints a statement that ran, in one line, to the standard error. */
export function printQuery(event: QueryEvent): void {
  console.error(lineOf(event, paintOfStderr()));
}

/** Prints a slow statement, and under it its plan. */
export function printSlowQuery({ plan, ...event }: QueryEvent & { readonly plan: string | undefined }): void {
  const paint = paintOfStderr();
  const lines = plan === undefined ? [] : plan.split("\n").map((line) => paint("gray", `            ${line}`));
  console.error([`${lineOf(event, paint, paint("yellow", "slow: "))}`, ...lines].join("\n"));
}

function lineOf({ sql, duration, waited, rowCount, place, error }: QueryEvent, paint: Paint, before = ""): string {
  const outcome = error === undefined ? `${rowCount} row${rowCount === 1 ? "" : "s"}` : "failed";
  const time = `${duration.toFixed(1)} ms`.padStart(10);
  const notes = [
    ...(error === undefined ? [] : [error instanceof Error ? error.name : "an error"]),
    ...(waited < 0.05 ? [] : [`waited ${waited.toFixed(1)} ms`]),
    shortPlace(place),
  ];
  return [
    `${paint("gray", "[rowkeeper]")}${paint("green", time)}`,
    paint(error === undefined ? "cyan" : "red", outcome.padEnd(9)),
    `${before}${highlighted(shortened(sql), paint)}`,
    paint(error === undefined ? "gray" : "red", `-- ${notes.join(", ")}`),
  ].join("  ");
}

function shortPlace(place: string): string {
  const short = place.startsWith("/") ? relative(process.cwd(), place) : place;
  return short.length < place.length ? short : place;
}

function highlighted(sql: string, paint: Paint): string {
  if (paint === plain) return sql;
  const painted = wordsOf(sql).map((word) => (KEYWORDS.has(word.toLowerCase()) ? paint(["bold", "blue"], word) : word));
  return painted.join("");
}

const PLACEHOLDER = String.raw`(?:\?|\$\d+)(?:::[\w[\]]+)?`;
const ROW = String.raw`\(${PLACEHOLDER}(?:, ${PLACEHOLDER})*\)`;
const MORE_ROWS = new RegExp(`(${ROW})((?:, ${ROW})+)`, "g");
const LONG_ROW = new RegExp(
  String.raw`\((${PLACEHOLDER}), ${PLACEHOLDER}, (?:${PLACEHOLDER}, )+(${PLACEHOLDER})\)`,
  "g",
);

/** In one line; where that is long, with the middle of its lists left out, and at last its end. */
export function shortened(sql: string): string {
  const line = wordsOf(sql)
    .map((word) => (/^\s/.test(word) ? " " : word))
    .join("")
    .trim();
  if (line.length <= LONGEST) return line;
  const short = shortSelectList(line)
    .replace(MORE_ROWS, (_all, first: string, more: string) => `${first}, … ${more.split("), ").length} more`)
    .replace(LONG_ROW, "($1, …, $2)");
  return short.length <= LONGEST ? short : `${short.slice(0, LONGEST - 1)}…`;
}

/** A long list of what is selected, by its beginning. */
function shortSelectList(line: string): string {
  if (!line.startsWith("select ")) return line;
  let depth = 0;
  let at = 0;
  for (const word of wordsOf(line)) {
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (depth === 0 && word === "from") break;
    at += word.length;
  }
  const list = line.slice(0, at);
  if (list.length <= LONGEST_LIST || at >= line.length) return line;
  const cut = list.lastIndexOf(", ", LONGEST_LIST);
  return cut < 0 ? line : `${list.slice(0, cut)}, … ${line.slice(at)}`;
}
