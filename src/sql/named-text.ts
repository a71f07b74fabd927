import { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import { didYouMean, kindOf, quoted } from "../text.js";

/** SQL text with the names of its parameters between its parts. */
export interface NamedText {
  readonly strings: readonly string[];
  /** One less than there are strings; a name may be there more than once. */
  readonly names: readonly string[];
}

/** The values of named parameters. */
export type NamedValues = Readonly<Record<string, unknown>>;

let compiled: RegExp | undefined;

/**
 * What SQL text is made of, as far as it matters where a parameter can stand: comments, quoted text and names, casts,
 * brackets, words, parameters. Quotes and comments that don't end go to the end of the text. Made at its first use, as the
 * letters of all languages take a while.
 */
function tokens(): RegExp {
  compiled ??= new RegExp(
    [
      /(?<comment>--[^\r\n]*)/u,
      /(?<nested>\/\*)/u,
      /(?<escaped>(?<![\p{L}\p{N}_$])[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|$))/u,
      /(?<quoted>'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$))/u,
      /(?<dollar>(?<![\p{L}\p{N}_$])\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)/u,
      /(?<numbered>(?<![\p{L}\p{N}_$])\$\d+)/u,
      /(?<word>[\p{L}_][\p{L}\p{N}_$]*)/u,
      /(?<cast>::)/u,
      /:(?<name>[\p{L}_][\p{L}\p{N}_]*)/u,
      /(?<other>\S)/u,
    ]
      .map(({ source }) => source)
      .join("|"),
    "gsu",
  );
  return compiled;
}

/** What a bracket that is open holds: `array[…]` holds values, `a[…]` the bounds of a slice, around a colon. */
type Bracket = "values" | "bounds" | "parentheses";

/**
 * Finds the `:name`s of SQL text that are parameters: not those in quotes, in dollar quotes, in comments, nor right within
 * the brackets of a slice, `list[low:high]`, where a parameter stands in parentheses, `list[(:low):(:high)]`.
 *
 * @throws TypeError for what is no text
 * @throws UsageError for a parameter that is numbered, `$1`
 */
export function namedText(text: string): NamedText {
  if (typeof text !== "string") throw new TypeError(`SQL with named parameters is text, not ${kindOf(text)}`);
  const strings: string[] = [];
  const names: string[] = [];
  const open: Bracket[] = [];
  let end = 0;
  let before = "";
  const token = tokens();
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const { comment, nested, dollar, numbered, name } = match.groups ?? {};
    if (comment !== undefined) continue;
    if (nested !== undefined) {
      token.lastIndex = endOfComment(text, match.index);
      continue;
    }
    if (numbered !== undefined)
      throw new UsageError(`parameters have names here: ${numbered} stands where a :name would`);
    if (dollar !== undefined) token.lastIndex = endAfter(text, dollar, token.lastIndex);
    else if (name !== undefined && open.at(-1) !== "bounds") {
      strings.push(text.slice(end, match.index));
      names.push(name);
      end = token.lastIndex;
    } else followBracket(open, match[0], before);
    before = match[0];
  }
  return { strings: [...strings, text.slice(end)], names };
}

function followBracket(open: Bracket[], token: string, before: string): void {
  if (token === "(") open.push("parentheses");
  else if (token === "[") {
    const isInner = open.at(-1) === "values" && (before === "[" || before === ",");
    open.push(isInner || before.toLowerCase() === "array" ? "values" : "bounds");
  } else if (token === ")" || token === "]") open.pop();
}

function endAfter(text: string, end: string, from: number): number {
  const place = text.indexOf(end, from);
  return place < 0 ? text.length : place + end.length;
}

/** Comments nest, as they do in PostgreSQL. */
function endOfComment(text: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/**
 * Refuses values that are not those of the parameters.
 *
 * @throws TypeError where the values are no object, or one is undefined
 * @throws UsageError for a parameter without a value, or a value without a parameter
 */
export function checkNamedValues(names: readonly string[], values: NamedValues): void {
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new TypeError(`the values of named parameters are an object, not ${kindOf(values)}`);
  for (const name of Object.keys(values))
    if (!names.includes(name))
      throw new UsageError(`the text has no parameter ${quoted(name)}${didYouMean(name, names)}`);
  for (const name of names) {
    if (!Object.hasOwn(values, name)) throw new UsageError(`the parameter :${name} has no value`);
    if (values[name] === undefined) throw new TypeError(`the parameter :${name} can't be undefined`);
  }
}

/** SQL text whose parameters had names: one that stands in several places is bound once where placeholders are numbered. */
export class NamedSql extends Sql {
  /** The names of the values; undefined where what was given is SQL with values of its own. */
  readonly names: readonly (string | undefined)[];

  /** @throws as `namedText` and `checkNamedValues` */
  constructor(text: string, values: NamedValues) {
    const { strings, names } = namedText(text);
    checkNamedValues(names, values);
    super(
      strings,
      names.map((name) => values[name]),
    );
    this.names = names.flatMap((name) => {
      const value = values[name];
      return value instanceof Sql ? value.values.map(() => undefined) : name;
    });
  }
}
