import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import type { Outcome, Step } from "./step.js";

const out = process.stdout;
// hasColors() heeds NO_COLOR and FORCE_COLOR.
const coloured = out.isTTY === true && out.hasColors();
const paint = (code: number) => (words: string) =>
  coloured ? `\u001b[${code}m${words}\u001b[0m` : words;
export const bold = paint(1);
export const dim = paint(2);
const cyan = paint(36);

const width = Math.max(40, out.columns ?? 80);

/** Writes lines of text. */
export function say(...lines: readonly string[]): void {
  out.write(`${lines.join("\n")}\n`);
}

/** Writes a title, with what it took at the right end of the line. */
export function sayTitle(title: string, took = ""): void {
  const gap = " ".repeat(Math.max(2, width - title.length - took.length));
  say("", took === "" ? bold(title) : bold(title) + gap + dim(took));
}

/** Writes code, marked by a line at its left. */
export function sayCode(code: string): void {
  say(
    "",
    ...code.split("\n").map((line) => `  ${dim("│")} ${cyan(line)}`),
    "",
  );
}

/** Writes a step that has run: its title, its code, its SQL, its rows as a table. */
export function sayStep(
  number: number,
  step: Step,
  outcome: Outcome,
  milliseconds: number,
): void {
  sayTitle(`${number}. ${step.title}`, inTime(milliseconds));
  sayCode(step.code);
  for (const sql of outcome.sql ?? [])
    say(indented(dim(wrapped(shortened(sql), width - 2))), "");
  say(indented(tableOf(outcome.rows)));
  if (outcome.caption !== undefined)
    say(indented(dim(wrapped(outcome.caption, width - 2))));
}

/** A number of milliseconds, to be read. */
export function inTime(milliseconds: number): string {
  return milliseconds < 1000
    ? `${milliseconds.toFixed(0)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A number, to be read: 22,315,474. */
export function inWords(value: number | bigint): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** SQL without the rows after the third, of many that are inserted, and without its end where it is still long. */
function shortened(text: string): string {
  const few = text.replace(
    /((?:\([?$\d, ]+\), ){3})(?:\([?$\d, ]+\), )+\([?$\d, ]+\)/,
    "$1…",
  );
  return few.length <= 700 ? few : `${few.slice(0, 700)}…`;
}

function indented(block: string): string {
  return block.replace(/^/gm, "  ");
}

function wrapped(words: string, limit: number): string {
  const lines = [""];
  for (const word of words.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > limit)
      lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}

function tableOf(rows: Outcome["rows"]): string {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return dim("(no rows)");
  const cells = rows.map((row) => names.map((name) => cellOf(row[name])));
  const colWidths = columnWidths([names, ...cells]);
  const table = new Table({
    head: names,
    colAligns: names.map((name) =>
      rows.some((row) => isNumeric(row[name])) ? "right" : "left",
    ),
    colWidths,
    style: {
      compact: true, // no line between two rows
      head: coloured ? ["bold"] : [],
      border: coloured ? ["gray"] : [],
    },
  });
  table.push(...cells);
  return table.toString();
}

// As wide as the cells want to be; where that is wider than the terminal, the widest give way first.
function columnWidths(lines: readonly (readonly string[])[]): number[] {
  const widths = (lines[0] ?? []).map(
    (_, at) =>
      Math.max(...lines.map((cells) => (cells[at] ?? "").length)) + 2,
  );
  const room = width - 2 - (widths.length + 1);
  for (
    let over = widths.reduce((sum, each) => sum + each, 0) - room;
    over > 0;
    over -= 1
  ) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(4, (widths[widest] ?? 0) - 1);
  }
  return widths;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function cellOf(value: unknown): string {
  if (isNumeric(value)) return inWords(value);
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** How far a long task is. */
export interface Progress {
  add(amount: number): void;
  stop(): void;
}

/** A bar on a terminal, a plain line at the end otherwise. */
export function startProgress(what: string, total: number): Progress {
  const started = performance.now();
  let done = 0;
  const bar = out.isTTY
    ? new SingleBar({
        format: `  {bar} {percentage}%  {value} of {total} ${what}`,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        barsize: Math.max(10, Math.min(30, width - 46)),
        formatValue: (value, _options, kind) =>
          kind === "percentage"
            ? String(value).padStart(3)
            : inWords(value),
        clearOnComplete: true,
        hideCursor: true,
        stream: out,
      })
    : undefined;
  bar?.start(total, 0);
  return {
    add(amount) {
      done += amount;
      bar?.update(done);
    },
    stop() {
      bar?.stop();
      say(
        `  ${inWords(done)} of ${inWords(total)} ${what} in ${inTime(performance.now() - started)}`,
      );
    },
  };
}
