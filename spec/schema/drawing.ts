/** Reads a drawing back from its SVG, as a program that knows XML alone would. */
import assert from "node:assert/strict";

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

const ENTITIES = new Map([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&#39;", "'"],
]);

function decoded(text: string): string {
  assert.doesNotMatch(text, /[<>]/);
  return text.replace(/&[^;]*;?/g, (entity) => {
    const letter = ENTITIES.get(entity);
    assert.ok(letter, `${entity} is no entity of XML`);
    return letter;
  });
}

/** The root of an XML document. It fails for one that is not well-formed. */
export function elementOf(xml: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML can't hold
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  const root: Element = { name: "", attributes: new Map(), children: [] };
  const open = [root];
  for (const [token] of xml.matchAll(/<[^>]*>|[^<]+/g)) {
    const parent = open.at(-1);
    assert.ok(parent, "there is one root");
    if (!token.startsWith("<")) {
      parent.children.push(parent.name === "style" ? token : decoded(token));
    } else if (token.startsWith("</")) {
      assert.equal(token, `</${open.pop()?.name}>`);
    } else {
      const [, name = "", rest = "", end] = /^<([a-z]+)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>$/i.exec(token) ?? [];
      assert.notEqual(name, "", `${token} is no tag`);
      const pairs = [...rest.matchAll(/([\w:-]+)="([^"]*)"/g)].map(
        ([, key = "", value = ""]) => [key, decoded(value)] as const,
      );
      const element: Element = { name, attributes: new Map(pairs), children: [] };
      parent.children.push(element);
      if (end !== "/") open.push(element);
    }
  }
  assert.equal(open.length, 1, "all is closed");
  const [only, ...others] = root.children.filter((child) => typeof child !== "string" || child.trim() !== "");
  assert.ok(only !== undefined && typeof only !== "string" && others.length === 0, "there is one root");
  return only;
}

/** The elements of a class within another, at any depth. */
export function allOf(element: Element, className: string): Element[] {
  return element.children.flatMap((child) => {
    if (typeof child === "string") return [];
    const isOne = child.attributes.get("class")?.split(" ").includes(className);
    return [...(isOne ? [child] : []), ...allOf(child, className)];
  });
}

export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}

export function attributeOf(element: Element, attribute: string): string {
  const value = element.attributes.get(attribute);
  assert.ok(value !== undefined, `<${element.name}> has no ${attribute}`);
  return value;
}

const numberOf = (element: Element, attribute: string): number => Number(element.attributes.get(attribute) ?? 0);

function only(element: Element, className: string): Element {
  const [first, ...rest] = allOf(element, className);
  assert.ok(first !== undefined && rest.length === 0, `one ${className} was expected`);
  return first;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxOf(rect: Element, { x, y }: Point): Box {
  const [left, top] = [x + numberOf(rect, "x"), y + numberOf(rect, "y")];
  return { left, top, right: left + numberOf(rect, "width"), bottom: top + numberOf(rect, "height") };
}

/** Text, and where it is if letters are 0.602 of their height wide, as those of DejaVu Sans Mono, the widest of the usual. */
function textBoxOf(
  text: Element,
  { x, y }: Point,
  fonts: ReadonlyMap<string, number>,
): Box & { readonly text: string } {
  const font = fonts.get(attributeOf(text, "class"));
  assert.ok(font !== undefined, "its font is known");
  const [left, foot] = [x + numberOf(text, "x"), y + numberOf(text, "y")];
  const letters = textOf(text);
  const right = left + [...letters].length * font * 0.602;
  return { text: letters, left, right, top: foot - font * 0.8, bottom: foot + font * 0.25 };
}

export interface DrawnColumn extends Box {
  readonly name: string;
  readonly marks: string;
  readonly type: string;
}

export interface DrawnTable extends Box {
  readonly name: string;
  readonly isOutside: boolean;
  readonly columns: readonly DrawnColumn[];
  readonly notes: readonly string[];
  readonly texts: readonly (Box & { readonly text: string })[];
}

export interface DrawnLine {
  /** `posts.author_id` */
  readonly from: string;
  readonly to: string;
  /** How many rows each end stands for. */
  readonly ends: readonly string[];
  /** The corners, where the rounding is taken away. */
  readonly points: readonly Point[];
  readonly label: string;
}

function tableOf(element: Element, fonts: ReadonlyMap<string, number>): DrawnTable {
  const [x = 0, y = 0] = (attributeOf(element, "transform").match(/[\d.]+/g) ?? []).map(Number);
  const texts = ["name", "mark", "column-name", "type", "note"].flatMap((className) => allOf(element, className));
  const textIn = (column: Element, className: string) => allOf(column, className).map(textOf).join();
  return {
    ...boxOf(only(element, "box"), { x, y }),
    name: textOf(only(element, "name")),
    isOutside: attributeOf(element, "class").includes("outside"),
    columns: allOf(element, "column").map((column) => ({
      ...boxOf(only(column, "row"), { x, y }),
      name: textIn(column, "column-name"),
      marks: textIn(column, "mark"),
      type: textIn(column, "type"),
    })),
    notes: allOf(element, "note").map(textOf),
    texts: texts.map((text) => textBoxOf(text, { x, y }, fonts)),
  };
}

function lineOf(element: Element): DrawnLine {
  const end = (side: string) =>
    `${attributeOf(element, `data-${side}-table`)}.${attributeOf(element, `data-${side}-column`)}`;
  const path = attributeOf(only(element, "line"), "d");
  // Each corner is `L before Q corner after`.
  const corners = [...path.matchAll(/([MLQ])([\d.]+) ([\d.]+)(?: [\d.]+ [\d.]+)?/g)].map(([, letter, x, y]) => {
    return { letter, x: Number(x), y: Number(y) };
  });
  const points = corners.filter(({ letter }, i) => letter !== "L" || i === corners.length - 1);
  return {
    from: end("from"),
    to: end("to"),
    ends: allOf(element, "end").map((each) => attributeOf(each, "data-rows")),
    points: points.map(({ x, y }) => ({ x, y })),
    label: element.children
      .flatMap((child) => (typeof child !== "string" && child.name === "title" ? [textOf(child)] : []))
      .join(),
  };
}

/** What an SVG shows. */
export function drawingOf(svg: string) {
  const root = elementOf(svg);
  const style = /<style>(.*?)<\/style>/s.exec(svg)?.[1] ?? "";
  const sizeOf = (className: string) =>
    Number(new RegExp(`\\.${className}\\{font-size:(\\d+)px`).exec(style)?.[1] ?? Number.NaN);
  const standard = Number(/ text\{font-size:(\d+)px/.exec(style)?.[1] ?? Number.NaN);
  const fonts = new Map([
    ["name", sizeOf("name")],
    ["mark", sizeOf("mark")],
    ...["column-name", "type", "note"].map((each) => [each, standard] as const),
  ]);
  return {
    root,
    paper: { left: 0, top: 0, right: numberOf(root, "width"), bottom: numberOf(root, "height") },
    tables: allOf(root, "table").map((element) => tableOf(element, fonts)),
    lines: allOf(root, "reference").map(lineOf),
  };
}

/** Whether boxes share more than an edge. */
export function areOverlapping(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/** The straight parts of a line, as boxes without room; they end short of the tables' edges. */
export function partsOf({ points }: DrawnLine): Box[] {
  return points.slice(1).map((end, i) => {
    const start = points[i] ?? end;
    assert.ok(start.x === end.x || start.y === end.y, "a line runs at right angles");
    return {
      left: Math.min(start.x, end.x),
      right: Math.max(start.x, end.x),
      top: Math.min(start.y, end.y),
      bottom: Math.max(start.y, end.y),
    };
  });
}
