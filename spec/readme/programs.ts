/*
 * The programs of README.md and of the pages of docs/.
 *
 * Every block fenced as `ts` is a program, which is compiled and run as it is written, in an empty folder of its own. A block with the
 * line `<!-- continues -->` right above its fence goes on with the program of the block before it: it sees that
 * block's names and may use one of them again, as it comes into a scope of its own, with its imports moved to the top.
 * `new Database("postgres://…")` gets the URL of the specs' server; nothing else is replaced.
 * Code that is not to be run is fenced as something else (`text`, `sql`, `js`).
 */

/** One program: a block, and those that continue it. */
export interface Program {
  /** The line of its first fence. */
  readonly line: number;
  readonly text: string;
  /** The first of its blocks alone. */
  readonly opening: string;
}

interface Block {
  readonly line: number;
  readonly continues: boolean;
  readonly text: string;
}

/** The programs of a text in Markdown, in their order. `page` is what comments in them call it. */
export function programsOf(markdown: string, page = "README.md"): Program[] {
  const groups: Block[][] = [];
  for (const block of blocksOf(markdown)) {
    const last = groups.at(-1);
    if (!block.continues) groups.push([block]);
    else if (last === undefined) throw new Error(`line ${block.line} continues nothing`);
    else last.push(block);
  }
  return groups.flatMap((blocks) => {
    const [first] = blocks;
    return first === undefined ? [] : [{ line: first.line, text: assembled(blocks, page), opening: first.text }];
  });
}

function blocksOf(markdown: string): Block[] {
  const lines = markdown.split(/\r?\n/);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^(`{3,})(\S*)/.exec(lines[at] ?? "");
    if (fence === null) continue;
    const end = lines.findIndex((line, index) => index > at && line.trimEnd() === fence[1]);
    if (end < 0) throw new Error(`line ${at + 1} opens a block that is never closed`);
    if (fence[2] === "ts") {
      const continues = lines[at - 1]?.trim() === "<!-- continues -->";
      blocks.push({ line: at + 1, continues, text: `${lines.slice(at + 1, end).join("\n")}\n` });
    }
    at = end;
  }
  return blocks;
}

const IMPORT = /^import\s[^;]*?from\s+"[^"]+";\n/gm;
const NAMES = /^import\s+\{([^}]*)\}\s+from\s+("[^"]+");\n$/;

function assembled(blocks: readonly Block[], page: string): string {
  const [only] = blocks;
  if (only !== undefined && blocks.length === 1) return only.text;
  const imports = mergedImports(blocks.flatMap(({ text }) => text.match(IMPORT) ?? []));
  const bodies = blocks.map(({ line, text }) => `// ${page}, line ${line}\n${text.replace(IMPORT, "")}`);
  return `${imports}\n${bodies.join("\n{\n")}${"}\n".repeat(blocks.length - 1)}`;
}

/** Two blocks of one program may import the same name. */
function mergedImports(imports: readonly string[]): string {
  const named = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const text of imports) {
    const [, names, from] = NAMES.exec(text) ?? [];
    if (names === undefined || from === undefined) {
      others.add(text);
      continue;
    }
    const known = named.get(from) ?? new Set();
    named.set(from, known);
    for (const name of names.split(",")) if (name.trim() !== "") known.add(name.trim());
  }
  const merged = [...named].map(([from, names]) => `import { ${[...names].join(", ")} } from ${from};\n`);
  return [...others, ...merged].join("");
}

const CALL = /^[ \t]*console\.log\(/gm;
const PRINTED = /^[ \t]*console\.log\((?:(?!^[ \t]*console\.log\()[\s\S])*?\);[ \t]*\n?((?:[ \t]*\/\/.*\n)+)/gm;

/**
 * What a program says that it prints: the words of the comments that follow its `console.log(…);`, on the same line or on
 * those below. How it is broken into lines does not count: Node.js breaks what it prints by its length.
 *
 * @throws Error where a call is followed by none
 */
export function printedBy(program: string): string[] {
  const comments = [...program.matchAll(PRINTED)].map(([, comment = ""]) => comment.replace(/^[ \t]*\/\/ ?/gm, ""));
  const calls = program.match(CALL)?.length ?? 0;
  if (comments.length < calls)
    throw new Error(`${calls - comments.length} of ${calls} console.log() say not what they print`);
  return wordsOf(comments.join("\n"));
}

/** A text without what only lays it out. */
export function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}
