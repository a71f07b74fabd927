/** Where everything of a diagram is, by ELK: it routes lines at right angles between the places at tables' sides. */
import type { DiagramColumn, DiagramContent, DiagramReference, DiagramTable } from "./diagram-content.js";
import { type ElkEdge, type ElkNode, type ElkPort, type LayoutOptions, loadElk } from "./diagram-elk.js";
import { shortened, widthOf } from "./diagram-text.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** In pixels, from the left and from the top. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedRow extends Box {
  readonly column: DiagramColumn;
  readonly marks: string;
  readonly type: string;
}

export interface PlacedTable extends Box {
  readonly table: DiagramTable;
  readonly rows: readonly PlacedRow[];
  /** Lines of text below the columns. */
  readonly notes: readonly string[];
  /** Where the columns' names and their types begin. */
  readonly nameX: number;
  readonly typeX: number;
}

/** What a line shows at its end: how many rows of the table there it stands for. */
export type LineEnd = "many" | "zero or one" | "one";

/** A line between one column and another; a reference of several columns has several. */
export interface PlacedLine {
  readonly reference: DiagramReference;
  /** The names of the two columns. */
  readonly from: string;
  readonly to: string;
  /** From the column that refers to the one that is referred to. */
  readonly points: readonly Point[];
}

export interface DiagramLayout {
  readonly width: number;
  readonly height: number;
  readonly tables: readonly PlacedTable[];
  readonly lines: readonly PlacedLine[];
}

export const HEADER = 30;
export const ROW = 24;
export const FONT = 12;
export const TITLE_FONT = 13;
export const MARKS_FONT = 10;
/** Below the last row. */
const FOOT = 4;
export const PADDING = 12;
const GAP = 14;
const LONGEST_TYPE = 30;

const OPTIONS: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.aspectRatio": "1.5",
  "elk.padding": "[top=24,left=24,bottom=24,right=24]",
  "elk.spacing.nodeNode": "32",
  "elk.spacing.nodeSelfLoop": "28",
  "elk.spacing.edgeNode": "24",
  "elk.spacing.edgeEdge": "12",
  "elk.spacing.componentComponent": "40",
  "elk.layered.spacing.nodeNodeBetweenLayers": "72",
  // Room for the ends of lines before their first corner.
  "elk.layered.spacing.edgeNodeBetweenLayers": "32",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.thoroughness": "40",
};

/** From as many lines on, the best picture would take minutes. */
const MANY_WIRES = 100;

const QUICK_OPTIONS: LayoutOptions = {
  ...OPTIONS,
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.thoroughness": "3",
};

/** As many tables that have to do with the same one alone are put at both of its sides. */
const MANY_LEAVES = 8;

type Sized = Omit<PlacedTable, "x" | "y">;

function marksOf({ isKey, isForeign, isUnique }: DiagramColumn): string {
  return [...(isKey ? ["PK"] : []), ...(isForeign ? ["FK"] : []), ...(isUnique ? ["UK"] : [])].join(" ");
}

/** A table as large as its text; where things are is counted from its own left and top. */
function sized(table: DiagramTable): Sized {
  const shown = table.columns.map((column) => ({
    column,
    marks: marksOf(column),
    type: shortened(column.type, LONGEST_TYPE) + (column.isNullable ? " null" : ""),
  }));
  const widest = (texts: readonly string[], font: number) => Math.max(0, ...texts.map((text) => widthOf(text, font)));
  const marks = widest(
    shown.map((row) => row.marks),
    MARKS_FONT,
  );
  const nameX = PADDING + (marks > 0 ? marks + GAP : 0);
  const typeX =
    nameX +
    widest(
      shown.map(({ column }) => column.name),
      FONT,
    ) +
    GAP;
  const notes = table.uniques.map((unique) => `unique (${unique.join(", ")})`);
  const width = Math.max(
    typeX +
      widest(
        shown.map((row) => row.type),
        FONT,
      ) +
      PADDING,
    widest(notes, FONT) + 2 * PADDING,
    widthOf(table.name, TITLE_FONT) + 2 * PADDING,
  );
  const rows = shown.map((row, i) => ({ ...row, x: 0, y: HEADER + i * ROW, width, height: ROW }));
  return { table, rows, notes, nameX, typeX, width, height: HEADER + (rows.length + notes.length) * ROW + FOOT };
}

/** The tables, those that are referred to before those that refer, as far as there are no circles. */
function inOrder({ tables, references }: DiagramContent): DiagramTable[] {
  const referred = new Map<DiagramTable, DiagramTable[]>(tables.map((table) => [table, []]));
  for (const { from, to } of references) referred.get(from)?.push(to);
  const ordered = new Set<DiagramTable>();
  const visiting = new Set<DiagramTable>();
  const visit = (table: DiagramTable): void => {
    if (visiting.has(table)) return;
    visiting.add(table);
    for (const each of referred.get(table) ?? []) visit(each);
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return leavesSpread([...ordered], references);
}

/** Puts every second table first, of many that have to do with the same one alone: the diagram would be too high. */
function leavesSpread(ordered: readonly DiagramTable[], references: readonly DiagramReference[]): DiagramTable[] {
  const neighbours = new Map(ordered.map((table) => [table, new Set<DiagramTable>()]));
  for (const { from, to } of references) {
    neighbours.get(from)?.add(to);
    neighbours.get(to)?.add(from);
  }
  const leaves = new Map<DiagramTable, DiagramTable[]>();
  for (const [table, [only, ...more]] of neighbours) {
    if (only === undefined || only === table || more.length > 0) continue;
    leaves.set(only, [...(leaves.get(only) ?? []), table]);
  }
  const many = [...leaves.values()].filter(({ length }) => length >= MANY_LEAVES);
  const first = new Set(many.flatMap((tables) => tables.filter((_, i) => i % 2 === 1)));
  return [...first, ...ordered.filter((table) => !first.has(table))];
}

/** An end of a line at a column, at one of the sides of its table. */
interface Place {
  readonly table: number;
  readonly row: number;
  readonly side: "EAST" | "WEST";
  readonly end: LineEnd;
}

/** A line before it is routed. */
interface Wire {
  readonly reference: DiagramReference;
  readonly from: Place;
  readonly to: Place;
}

/**
 * The lines. Of two tables the one that comes first stands left of the other, so that each line leaves at the side at
 * which the other table is.
 */
function wiresOf(ordered: readonly DiagramTable[], references: readonly DiagramReference[]): Wire[] {
  const indexes = new Map(ordered.map((table, i) => [table, i]));
  return references.flatMap((reference) => {
    const [from, to] = [indexes.get(reference.from) ?? 0, indexes.get(reference.to) ?? 0];
    return reference.columns.map((pair) => ({
      reference,
      from: { table: from, row: pair.from, side: from <= to ? "EAST" : "WEST", end: reference.referring },
      to: { table: to, row: pair.to, side: to <= from ? "EAST" : "WEST", end: reference.referred },
    }));
  });
}

const idOf = ({ table, row, side, end }: Place): string => `${table} ${row} ${side} ${end}`;

/** The places at a table's sides: lines that end alike at a column share one, others are apart. */
function portsOf({ width, rows }: Sized, places: readonly Place[]): ElkPort[] {
  const distinct = [...new Map(places.map((place) => [idOf(place), place])).values()];
  return distinct.map((place) => {
    const beside = distinct.filter(({ row, side }) => row === place.row && side === place.side);
    const y = (rows[place.row]?.y ?? 0) + (ROW * (beside.indexOf(place) + 0.5)) / beside.length;
    const x = place.side === "EAST" ? width : 0;
    return { id: idOf(place), x, y, width: 0, height: 0, layoutOptions: { "elk.port.side": place.side } };
  });
}

function graphOf(tables: readonly Sized[], wires: readonly Wire[]): ElkNode {
  const places = wires.flatMap(({ from, to }) => [from, to]);
  return {
    id: "diagram",
    layoutOptions: wires.length > MANY_WIRES ? QUICK_OPTIONS : OPTIONS,
    children: tables.map((table, i) => ({
      id: `${i}`,
      width: table.width,
      height: table.height,
      ports: portsOf(
        table,
        places.filter((place) => place.table === i),
      ),
      layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    })),
    edges: wires.map(({ from, to }, i) => {
      const [left, right] = from.table <= to.table ? [from, to] : [to, from];
      return { id: `${i}`, sources: [idOf(left)], targets: [idOf(right)] };
    }),
  };
}

function routed({ reference, from, to }: Wire, edge: ElkEdge | undefined): PlacedLine {
  const points = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const nameAt = ({ columns }: DiagramTable, { row }: Place) => columns[row]?.name ?? "";
  return {
    reference,
    from: nameAt(reference.from, from),
    to: nameAt(reference.to, to),
    points: from.table <= to.table ? points : points.reverse(),
  };
}

/**
 * Lays a diagram out: the same content gives the same layout.
 *
 * @throws UsageError where elkjs is not installed
 */
export async function layoutOf(content: DiagramContent): Promise<DiagramLayout> {
  const ordered = inOrder(content);
  const tables = ordered.map(sized);
  const wires = wiresOf(ordered, content.references);
  const { width = 0, height = 0, children = [], edges = [] } = await loadElk().layout(graphOf(tables, wires));
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    tables: tables.map((table, i) => ({ ...table, x: children[i]?.x ?? 0, y: children[i]?.y ?? 0 })),
    lines: wires.map((wire, i) => routed(wire, edges[i])),
  };
}
