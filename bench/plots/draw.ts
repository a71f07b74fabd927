import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../install.js";
import type { TrialResult } from "../measure.js";
import { engineNames } from "../subject.js";
import { type EngineResults, growthPlot, meansPlot, type Plot, workloadsPlot } from "./plots.js";

/** What is used of echarts, whose packages are beside the plots. */
interface Echarts {
  init(dom: null, theme: null, options: object): Chart;
}

interface Chart {
  setOption(option: object): void;
  renderToSVGString(): string;
  dispose(): void;
}

const home = dirname(fileURLToPath(import.meta.url));

/** Draws the results as SVG, each plot a file here. */
export function drawPlots(results: readonly TrialResult[]): void {
  install(home, "--ignore-scripts");
  const echarts: Echarts = createRequire(join(home, "package.json"))("echarts");
  for (const { name, width, height, option } of plotsOf(results)) {
    const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    // White wherever it is shown: a README may be read on a dark page.
    chart.setOption({
      animation: false,
      backgroundColor: "#ffffff",
      textStyle: { fontFamily: "sans-serif" },
      ...option,
    });
    writeFileSync(join(home, `${name}.svg`), `${chart.renderToSVGString()}\n`);
    chart.dispose();
  }
}

function plotsOf(results: readonly TrialResult[]): Plot[] {
  const engines: EngineResults[] = engineNames
    .map((name) => ({ name, results: results.filter(({ engine }) => engine === name) }))
    .filter((engine) => engine.results.length > 0);
  return [meansPlot(engines), ...engines.map(workloadsPlot), growthPlot(engines)];
}
