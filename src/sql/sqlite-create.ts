/** A part of a statement that SQLite keeps: a name, a text, a comment or a sign, as it is written. */
interface Token {
  readonly text: string;
  readonly start: number;
  /** How many parentheses it stands in. */
  readonly depth: number;
}

const TOKENS =
  /\s+|--[^\n]*|\/\*.*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}\p{N}_$]+|./gsu;

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const { 0: text, index: start } of sql.matchAll(TOKENS)) {
    if (/^\s/.test(text) || text.startsWith("--")) continue;
    if (text === ")") depth--;
    tokens.push({ text, start, depth });
    if (text === "(") depth++;
  }
  return tokens;
}

const isComment = ({ text }: Token): boolean => text.startsWith("/*");
const isWord = ({ text }: Token, word: string): boolean => text.toLowerCase() === word;

/** What a name says that may be quoted. */
function nameIn(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith("[")) return inner;
  return /^["'`]/.test(text) ? inner.replaceAll(text[0]?.repeat(2) ?? "", text[0] ?? "") : text;
}

/** The clauses between the first parentheses that stand in none, and what follows them. */
function clausesOf(sql: string): { readonly clauses: readonly (readonly Token[])[]; readonly rest: readonly Token[] } {
  const tokens = tokensOf(sql);
  const open = tokens.findIndex(({ text }) => text === "(");
  const close = tokens.findIndex(({ text, depth }, i) => i > open && text === ")" && depth === 0);
  const clauses: Token[][] = [[]];
  for (const token of tokens.slice(open + 1, close)) {
    if (token.text === "," && token.depth === 1) clauses.push([]);
    else clauses.at(-1)?.push(token);
  }
  return { clauses, rest: tokens.slice(close + 1) };
}

function textOf(sql: string, tokens: readonly Token[]): string {
  const last = tokens.at(-1);
  return last === undefined ? "" : sql.slice(tokens[0]?.start, last.start + last.text.length);
}

/** What stands in the parentheses after each `check` of a clause. */
function checksIn(sql: string, clause: readonly Token[]): string[] {
  return clause.flatMap((token, i) => {
    if (!isWord(token, "check")) return [];
    const open = clause.findIndex(({ text }, at) => at > i && text === "(");
    const close = clause.findIndex(({ text, depth }, at) => at > open && text === ")" && depth === 1);
    return [textOf(sql, clause.slice(open + 1, close))];
  });
}

/** What a column is computed by: `[generated always] as (…)`. */
function computedBy(sql: string, clause: readonly Token[]): string | undefined {
  const as = clause.findIndex((token) => isWord(token, "as") && token.depth === 1);
  const close = clause.findIndex(({ text, depth }, at) => at > as && text === ")" && depth === 1);
  return as < 0 ? undefined : textOf(sql, clause.slice(as + 2, close));
}

const CONSTRAINTS: readonly string[] = ["constraint", "primary", "unique", "check", "foreign"];

/** What only the text of `create table` tells. */
export interface CreatedTable {
  readonly checks: readonly string[];
  /** The first comment that stands in a column's clause, by the column's name. */
  readonly comments: ReadonlyMap<string, string>;
  /** What columns are computed by, by their names. */
  readonly computed: ReadonlyMap<string, string>;
}

export function parseCreateTable(sql: string): CreatedTable {
  const { clauses } = clausesOf(sql);
  const comments = new Map<string, string>();
  const computed = new Map<string, string>();
  for (const clause of clauses) {
    const [name, ...rest] = clause.slice(clause.findIndex((token) => !isComment(token)));
    if (name === undefined || CONSTRAINTS.includes(name.text.toLowerCase())) continue;
    const comment = rest.find((token) => isComment(token) && token.depth === 1);
    if (comment !== undefined) comments.set(nameIn(name.text), comment.text.slice(2, -2).trim());
    const by = computedBy(sql, rest);
    if (by !== undefined) computed.set(nameIn(name.text), by);
  }
  return { checks: clauses.flatMap((clause) => checksIn(sql, clause)), comments, computed };
}

/** What is indexed, item by item, and the condition of a partial index, as `create index` says it. */
export function parseCreateIndex(sql: string): {
  readonly items: readonly string[];
  readonly where: string | undefined;
} {
  const { clauses, rest } = clausesOf(sql);
  const items = clauses.map((clause) => textOf(sql, clause));
  const where = rest.findIndex((token) => isWord(token, "where"));
  return { items, where: where < 0 ? undefined : textOf(sql, rest.slice(where + 1)) };
}
