import type { DiagramColumn, DiagramContent, DiagramReference, DiagramTable } from "./diagram-content.js";
import { visible } from "./diagram-text.js";

/** Text in quotes. All but letters, digits and a few signs is written as its code, as Mermaid and HTML know meanings of it. */
function quotedText(text: string): string {
  const safe = visible(text).replace(/[^\p{L}\p{M}\p{N} _.,()[\]→-]/gu, (letter) => `#${letter.codePointAt(0)};`);
  return `"${safe}"`;
}

/** What every Mermaid takes for a column's name: a word of ASCII, but none that is one of its marks. */
const WORD = /^(?!(?:pk|fk|uk)\b)[a-z_][\w-]*$/i;

function wordOf(name: string): string {
  return WORD.test(name) ? name : `_${name.replace(/[^\w-]/g, "_")}`;
}

/** The type where it is a word, `varchar(80)` and `text[]` too; else its first word. */
function typeOf(type: string): string {
  return /^\w+(?:\(\w+\))?(?:\[\])?$/.test(type) ? type : (/^\w+/.exec(type)?.[0] ?? "_");
}

function attributeOf(column: DiagramColumn, { uniques }: DiagramTable): string {
  const { name, type, isKey, isForeign, isUnique, isNullable } = column;
  const marks = [...(isKey ? ["PK"] : []), ...(isForeign ? ["FK"] : []), ...(isUnique ? ["UK"] : [])];
  const words = [typeOf(type), wordOf(name)];
  const together = uniques.filter((unique) => unique.includes(name));
  const notes = [
    ...[type, name].filter((text, i) => words[i] !== text),
    ...(isNullable ? ["null"] : []),
    ...together.map((unique) => `unique (${unique.join(", ")})`),
  ];
  const comment = notes.length === 0 ? [] : [quotedText(notes.join(", "))];
  return `    ${[...words, ...(marks.length === 0 ? [] : [marks.join(", ")]), ...comment].join(" ")}`;
}

function entityOf(table: DiagramTable): string {
  const attributes = table.columns.map((column) => attributeOf(column, table));
  return [`  ${quotedText(table.name)} {`, ...attributes, "  }"].join("\n");
}

const REFERRING = { many: "}o", "zero or one": "|o" } as const;
const REFERRED = { one: "||", "zero or one": "o|" } as const;

function relationshipOf({ from, to, columns, referring, referred }: DiagramReference): string {
  const names = (table: DiagramTable, end: "from" | "to") => columns.map((pair) => table.columns[pair[end]]?.name);
  const label = `${names(from, "from").join(", ")} → ${names(to, "to").join(", ")}`;
  const ends = `${REFERRING[referring]}--${REFERRED[referred]}`;
  return `  ${quotedText(from.name)} ${ends} ${quotedText(to.name)} : ${quotedText(label)}`;
}

/** A diagram as text in Mermaid's language. */
export function mermaidOf({ tables, references }: DiagramContent): string {
  return ["erDiagram", ...tables.map(entityOf), ...references.map(relationshipOf), ""].join("\n");
}
