/** The part of elkjs that diagrams take, in types of our own: its types want those of browsers. */
import { createRequire } from "node:module";
import { UsageError } from "../errors.js";

export type LayoutOptions = Readonly<Record<string, string>>;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A place at a node's side, counted from the node's left and top. */
export interface ElkPort extends Point {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly layoutOptions: LayoutOptions;
}

export interface ElkEdge {
  readonly id: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  /** Where it runs, once it is laid out. */
  readonly sections?: readonly {
    readonly startPoint: Point;
    readonly bendPoints?: readonly Point[];
    readonly endPoint: Point;
  }[];
}

export interface ElkNode extends Partial<Point> {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly layoutOptions: LayoutOptions;
  readonly ports?: readonly ElkPort[];
  readonly children?: readonly ElkNode[];
  readonly edges?: readonly ElkEdge[];
}

interface Elk {
  layout(graph: ElkNode): Promise<ElkNode>;
}

/** @throws UsageError where elkjs is not installed */
export function loadElk(): Elk {
  try {
    // Not import(), of which the compiler would read the types; elkjs is CommonJS.
    const ElkConstructor: new () => Elk = createRequire(import.meta.url)("elkjs");
    return new ElkConstructor();
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "MODULE_NOT_FOUND" && String(cause).includes("'elkjs'");
    if (!isMissing) throw cause;
    throw new UsageError("svg() and html() need the package elkjs, which is not installed: npm install elkjs", {
      cause,
    });
  }
}
