import { UsageError } from "../errors.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { checkOptions, kindOf } from "../text.js";
import { contentOf } from "./diagram-content.js";
import type { Drawing } from "./diagram-drawing.js";
import { mermaidOf } from "./diagram-mermaid.js";

/** Options of a diagram's pictures. */
export interface DiagramOptions {
  /** What the picture is called; default "Tables". */
  readonly title?: string;
}

/** An entity-relationship diagram, as text or as a picture. */
export interface Diagram {
  /** The diagram in the language of Mermaid, which GitHub and others draw in Markdown. */
  mermaid(): string;
  /**
   * The diagram as an SVG, light or dark as its reader has it; laid out by the package elkjs.
   *
   * @throws UsageError where elkjs is not installed
   * @throws TypeError for an unknown option, or a title that is no text
   */
  svg(options?: DiagramOptions): Promise<string>;
  /**
   * The diagram as a page to open, which loads nothing: to zoom, to move, and to search for tables and columns.
   *
   * @throws UsageError where elkjs is not installed
   * @throws TypeError for an unknown option, or a title that is no text
   */
  html(options?: DiagramOptions): Promise<string>;
}

/**
 * An entity-relationship diagram of models: their tables and columns by their names in the database, and the references
 * between them. Tables that are referred to but not given are outlined, with the columns that are referred to.
 *
 * ```ts
 * await writeFile("tables.html", await diagram([User, Post]).html({ title: "The blog" }));
 * ```
 *
 * @throws TypeError where one is no model
 * @throws UsageError where there are none, or one refers to what is no key
 */
export function diagram(models: readonly (AnyModel | Table)[]): Diagram {
  if (!Array.isArray(models)) throw new TypeError(`diagram() takes a list of models, not ${kindOf(models)}`);
  if (models.length === 0)
    throw new UsageError(
      "diagram() wants at least one model, or one table; `db.tables` has none before `await db.reflect()`",
    );
  const content = contentOf(models);
  let drawing: Promise<Drawing> | undefined;
  const drawn = () => {
    drawing ??= import("./diagram-drawing.js").then(({ draw }) => draw(content));
    return drawing;
  };
  return {
    mermaid: () => mermaidOf(content),
    svg: async (options = {}) => {
      const title = titleOf("svg()", options);
      return (await drawn()).svg(title);
    },
    html: async (options = {}) => {
      const title = titleOf("html()", options);
      return (await drawn()).html(title);
    },
  };
}

function titleOf(what: string, options: DiagramOptions): string {
  checkOptions(what, options, ["title"]);
  const { title = "Tables" } = options;
  if (typeof title !== "string") throw new TypeError(`the title of a diagram is text, not ${kindOf(title)}`);
  return title;
}
