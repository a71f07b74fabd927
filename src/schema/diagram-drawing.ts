import type { DiagramContent } from "./diagram-content.js";
import { layoutOf } from "./diagram-layout.js";
import { pageOf } from "./diagram-page.js";
import { svgOf } from "./diagram-svg.js";

/** The pictures of a diagram that is laid out. */
export interface Drawing {
  svg(title: string): string;
  html(title: string): string;
}

/** Lays a diagram out. @throws UsageError where elkjs is not installed */
export async function draw(content: DiagramContent): Promise<Drawing> {
  const layout = await layoutOf(content);
  const svg = (title: string) => svgOf(layout, title);
  return { svg, html: (title) => pageOf(svg(title), title) };
}
