const WORDS =
  /"(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|[A-Za-z_][\w$]*|\s+|[\s\S]/g;

/** SQL text in parts that are a word, a name or text in quotes, a comment, space, or one other character each. */
export function wordsOf(sql: string): string[] {
  return sql.match(WORDS) ?? [];
}

/** What a statement does, and the table that it is about first. */
interface Operation {
  readonly operation: string | undefined;
  readonly collection: string | undefined;
}

const isBlank = (word: string): boolean => /^(?:\s|--|\/\*)/.test(word);
const isName = (word: string | undefined): word is string => word !== undefined && /^["A-Za-z_]/.test(word);
const plain = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

/** The word that a statement's table comes after. */
const BEFORE_TABLE: Readonly<Record<string, string>> = {
  select: "from",
  insert: "into",
  update: "update",
  delete: "from",
  merge: "into",
};

/** What is said outside of parentheses: `(select max(n) from b)` within a select list names no table of it. */
function outerWords(sql: string): string[] {
  let depth = 0;
  return wordsOf(sql).filter((word) => {
    if (isBlank(word)) return false;
    if (word === ")") depth -= 1;
    const isOuter = depth === 0 && word !== ")";
    if (word === "(") depth += 1;
    return isOuter;
  });
}

/** Read of the text alone: rowkeeper's own is always understood, a user's in its usual forms. */
export function operationOf(sql: string): Operation {
  const words = outerWords(sql);
  const lower = words.map((word) => word.toLowerCase());
  const isWith = lower[0] === "with";
  const at = isWith ? lower.findIndex((word) => word in BEFORE_TABLE) : 0;
  const operation = at < 0 ? words[0] : words[at];
  const mark = BEFORE_TABLE[operation?.toLowerCase() ?? ""];
  const isMark = (word: string, i: number) => i >= at && word === mark && lower[i - 1] !== "distinct";
  const before = mark === undefined ? -1 : lower.findIndex(isMark);
  if (before < 0) return { operation: isName(operation) ? operation : undefined, collection: undefined };
  return { operation, collection: tableAt(words, before + 1) };
}

function tableAt(words: readonly string[], at: number): string | undefined {
  const start = words[at]?.toLowerCase() === "only" ? at + 1 : at;
  const [first, dot, second] = words.slice(start, start + 3);
  if (!isName(first)) return undefined;
  return dot === "." && isName(second) ? `${plain(first)}.${plain(second)}` : plain(first);
}
