import {
  type DiagramLayout,
  FONT,
  HEADER,
  type LineEnd,
  MARKS_FONT,
  PADDING,
  type PlacedLine,
  type PlacedRow,
  type PlacedTable,
  type Point,
  ROW,
  TITLE_FONT,
} from "./diagram-layout.js";
import { escaped } from "./diagram-text.js";

/** The class of the whole drawing, which its styles are kept to where it stands in a page. */
const ROOT = "rowkeeper-diagram";
const CORNER = 6;

/** What has which colour: on a light ground, on a dark one. Written out, as not all programs know CSS variables. */
const COLOURS: readonly (readonly [selector: string, property: "fill" | "stroke", light: string, dark: string])[] = [
  [".paper, .end circle", "fill", "#ffffff", "#0d1117"],
  [".box", "fill", "#ffffff", "#161b22"],
  [".frame", "stroke", "#8c959f", "#6e7681"],
  [".header", "fill", "#dde4ec", "#2b333e"],
  [".name, .column-name", "fill", "#1f2328", "#e6edf3"],
  [".type, .note", "fill", "#59636e", "#9ea7b3"],
  [".key", "fill", "#8a5a00", "#e3b341"],
  [".foreign", "fill", "#0550ae", "#79c0ff"],
  [".unique", "fill", "#6639ba", "#d2a8ff"],
  [".line, .end path, .end circle", "stroke", "#57606a", "#9198a1"],
];

const inRoot = (selectors: string): string =>
  selectors
    .split(", ")
    .map((selector) => `.${ROOT} ${selector}`)
    .join(",");

const STYLE = [
  `.${ROOT}{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}`,
  `${inRoot("text")}{font-size:${FONT}px;white-space:pre}`,
  `${inRoot(".name")}{font-size:${TITLE_FONT}px;font-weight:bold}`,
  `${inRoot(".mark")}{font-size:${MARKS_FONT}px;font-weight:bold}`,
  `${inRoot(".outside .frame")}{stroke-dasharray:5 4}`,
  `${inRoot(".row")}{fill:transparent}`,
  `${inRoot(".line, .end path, .frame")}{fill:none}`,
  `${inRoot(".line, .end path, .end circle")}{stroke-width:1.5;stroke-linejoin:round}`,
  ...COLOURS.map(([selector, property, light]) => `${inRoot(selector)}{${property}:${light}}`),
  "@media (prefers-color-scheme:dark){",
  ...COLOURS.map(([selector, property, , dark]) => `${inRoot(selector)}{${property}:${dark}}`),
  "}",
].join("\n");

const round = (n: number): number => Math.round(n * 100) / 100;

/** Where the foot of text is, so that it stands in the middle of a height. */
const footOf = (height: number, font: number): number => round(height / 2 + font * 0.35);

function textAt(kind: string, x: number, y: number, text: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(text)}</text>`;
}

const KINDS: Readonly<Record<string, string>> = { PK: "key", FK: "foreign", UK: "unique" };

function marksOf({ marks }: PlacedRow, x: number, y: number): string {
  if (marks === "") return "";
  const spans = marks.split(" ").map((mark) => `<tspan class="${KINDS[mark]}">${mark}</tspan>`);
  return `<text class="mark" x="${round(x)}" y="${round(y)}">${spans.join(" ")}</text>`;
}

/** What is said of a column where the pointer rests on it. */
function wordsOf({ column }: PlacedRow): string {
  const { name, property, type, isNullable } = column;
  const also = property === name ? "" : `\n${property} in the model`;
  return `${name}: ${type}${isNullable ? " null" : ""}${also}`;
}

function rowOf(row: PlacedRow, { nameX, typeX }: PlacedTable): string {
  const { column, y, width, height } = row;
  const foot = y + footOf(height, FONT);
  return [
    `<g class="column" data-column="${escaped(column.name)}" data-property="${escaped(column.property)}">`,
    `<title>${escaped(wordsOf(row))}</title>`,
    `<rect class="row" x="1" y="${y}" width="${width - 2}" height="${height - 1}"/>`,
    marksOf(row, PADDING, foot),
    textAt("column-name", nameX, foot, column.name),
    textAt("type", typeX, foot, row.type),
    "</g>",
  ].join("");
}

function tableOf(placed: PlacedTable): string {
  const { table, x, y, width, height, rows, notes } = placed;
  const outside = table.isOutside ? " outside" : "";
  const top = `M0 ${HEADER}V${CORNER}a${CORNER} ${CORNER} 0 0 1 ${CORNER} -${CORNER}h${width - 2 * CORNER}a${CORNER} ${CORNER} 0 0 1 ${CORNER} ${CORNER}V${HEADER}z`;
  const below = HEADER + rows.length * ROW;
  return [
    `<g class="table${outside}" data-table="${escaped(table.name)}" transform="translate(${round(x)} ${round(y)})">`,
    `<rect class="box" width="${width}" height="${height}" rx="${CORNER}"/>`,
    `<path class="header" d="${top}"/>`,
    `<rect class="frame" width="${width}" height="${height}" rx="${CORNER}"/>`,
    textAt("name", PADDING, footOf(HEADER, TITLE_FONT), table.name),
    ...rows.map((row) => rowOf(row, placed)),
    ...notes.map((note, i) => textAt("note", PADDING, below + i * ROW + footOf(ROW, FONT), note)),
    "</g>",
  ].join("\n");
}

/** A line with its corners rounded. */
function pathOf(points: readonly Point[]): string {
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  return points
    .map((point, i) => {
      const [before, after] = [points[i - 1], points[i + 1]];
      if (before === undefined) return `M${at(point)}`;
      if (after === undefined) return `L${at(point)}`;
      return `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, after))}`;
    })
    .join("");
}

/** A point on the way from one to another, at most half the way. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** The end of a line at a table's side: a bar for one, a circle for none, a crow's foot for many. */
function endOf(kind: LineEnd, { x, y }: Point, next: Point): string {
  const away = next.x < x ? -1 : 1;
  const bar = (distance: number) => `<path d="M${round(x + away * distance)} ${round(y - 5)}v10"/>`;
  const circle = `<circle cx="${round(x + away * 15.5)}" cy="${round(y)}" r="4"/>`;
  const foot = `<path d="M${round(x)} ${round(y - 5)}L${round(x + away * 11)} ${round(y)}L${round(x)} ${round(y + 5)}"/>`;
  const shapes = { one: bar(7) + bar(12), "zero or one": bar(7) + circle, many: foot + circle };
  return `<g class="end" data-rows="${kind}">${shapes[kind]}</g>`;
}

function lineOf({ reference, points, from, to }: PlacedLine): string {
  const [first, second, ...rest] = points;
  if (first === undefined || second === undefined) return "";
  const last = rest.at(-1) ?? second;
  const beforeLast = rest.at(-2) ?? (rest.length === 0 ? first : second);
  const names = {
    "from-table": reference.from.name,
    "from-column": from,
    "to-table": reference.to.name,
    "to-column": to,
  };
  const data = Object.entries(names).map(([name, value]) => ` data-${name}="${escaped(value)}"`);
  return [
    `<g class="reference"${data.join("")}>`,
    `<title>${escaped(reference.label)}</title>`,
    `<path class="line" d="${pathOf(points)}"/>`,
    endOf(reference.referring, first, second),
    endOf(reference.referred, last, beforeLast),
    "</g>",
  ].join("");
}

/** A diagram as an SVG of its own. */
export function svgOf({ width, height, tables, lines }: DiagramLayout, title: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${ROOT}" role="img" aria-label="${escaped(title)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...lines.map(lineOf),
    ...tables.map(tableOf),
    "</svg>",
    "",
  ].join("\n");
}
