import type { TrialResult } from "../measure.js";
import { baseline, ownNames, type SubjectName } from "../options.js";
import { partOf, ratiosOf, subjectsOf } from "../report.js";
import { geometricMean } from "../statistics.js";
import type { EngineName } from "../subject.js";
import { type TrialName, trials, workloads } from "../trials.js";

/** What echarts draws; pixels. */
export interface Plot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly option: object;
}

export interface EngineResults {
  readonly name: EngineName;
  readonly results: readonly TrialResult[];
}

const titles: Record<EngineName, string> = { sqlite: "SQLite", postgres: "PostgreSQL" };

const downward = "path://M0,0L10,0L5,9Z";

/** Each subject's colour and symbol, the same in all plots. */
const looks: Record<SubjectName, { readonly color: string; readonly symbol: string }> = {
  expert: { color: "#222222", symbol: "circle" },
  usual: { color: "#8a8a8a", symbol: "circle" },
  rowkeeper: { color: "#d62728", symbol: "diamond" },
  drizzle: { color: "#1f77b4", symbol: "rect" },
  "drizzle-prepared": { color: "#17a5c4", symbol: "rect" },
  kysely: { color: "#2ca02c", symbol: "triangle" },
  objection: { color: "#8c564b", symbol: "triangle" },
  typeorm: { color: "#e377c2", symbol: "roundRect" },
  mikroorm: { color: "#9467bd", symbol: "roundRect" },
  sequelize: { color: "#a5a61b", symbol: downward },
  prisma: { color: "#ff7f0e", symbol: downward },
};

/** Trials that differ in the number of rows alone. */
const growing: readonly { readonly title: string; readonly trials: readonly (readonly [number, TrialName])[] }[] = [
  {
    title: "inserted at once",
    trials: [
      [100, "insert-100"],
      [1000, "insert-many"],
      [10_000, "insert-10000"],
      [100_000, "insert-100000"],
    ],
  },
  {
    title: "read",
    trials: [
      [100, "read-100"],
      [1000, "read-1000"],
      [10_000, "read-10000"],
      [100_000, "read-100000"],
    ],
  },
];

const width = 960;
const titleStyle = { fontSize: 14, fontWeight: "bold", color: "#222222" };
const axisStyle = {
  axisLabel: { color: "#222222", fontSize: 12 },
  axisLine: { lineStyle: { color: "#888888" } },
};
const categoryStyle = { ...axisStyle, axisTick: { show: false } };
const splitLine = { show: true, lineStyle: { color: "#cccccc" } };
/** Twice as much from line to line. */
const doubling = { type: "log", logBase: 2, ...axisStyle, splitLine };

/** The means of the workloads: a bar for each subject, the shortest on top. */
export function meansPlot(engines: readonly EngineResults[]): Plot {
  const panels = engines.map(({ name, results }) => {
    const own = results.filter(({ trial }) => workloads.includes(trial));
    const means = subjectsOf(own).map((subject) => ({ subject, mean: geometricMean(ratiosOf(own, subject)) ?? 1 }));
    return { name, count: own.length, means: means.sort((a, b) => b.mean - a.mean) };
  });
  const each = width / panels.length;
  return {
    name: "means",
    width,
    height: 360,
    option: {
      title: panels.map(({ name, count }, index) => ({
        text: `${titles[name]}: time of ${count} workloads, expert = 1`,
        left: index * each + 16,
        top: 10,
        textStyle: titleStyle,
      })),
      grid: panels.map((_, index) => ({ left: index * each + 130, top: 44, width: each - 190, height: 280 })),
      xAxis: panels.map((_, gridIndex) => ({ gridIndex, type: "value", min: 0, ...axisStyle, splitLine })),
      yAxis: panels.map(({ means }, gridIndex) => {
        return { gridIndex, type: "category", data: means.map(({ subject }) => subject), ...categoryStyle };
      }),
      series: panels.map(({ means }, index) => ({
        type: "bar",
        xAxisIndex: index,
        yAxisIndex: index,
        barWidth: 16,
        label: {
          show: true,
          position: "right",
          color: "#222222",
          formatter: ({ value }: { value: number }) => value.toFixed(2),
        },
        data: means.map(({ subject, mean }) => ({ value: mean, itemStyle: { color: looks[subject].color } })),
      })),
    },
  };
}

/** A line for each workload, on it a point for each subject. */
export function workloadsPlot({ name, results }: EngineResults): Plot {
  const own = workloads.flatMap((trial) => results.find((result) => result.trial === trial) ?? []).reverse();
  const subjects = subjectsOf(own);
  return {
    name: `workloads-${name}`,
    width,
    height: 110 + 36 * own.length,
    option: {
      title: { text: `${titles[name]}: time per operation, expert = 1`, left: 16, top: 10, textStyle: titleStyle },
      legend: legendOf(subjects, 38),
      grid: { left: 310, right: 30, top: 74, bottom: 36 },
      xAxis: doubling,
      yAxis: { type: "category", data: own.map(({ trial }) => trials[trial].title), ...categoryStyle, splitLine },
      series: subjects.map((subject) => ({
        name: subject,
        type: "scatter",
        symbol: looks[subject].symbol,
        symbolSize: subject === "rowkeeper" ? 16 : 11,
        itemStyle: { color: looks[subject].color, opacity: 0.9 },
        z: subject === "rowkeeper" ? 4 : 3,
        data: own.flatMap((result) => {
          const ratio = partOf(result, subject)?.ratio.median;
          return ratio === undefined ? [] : [[ratio, trials[result.trial].title]];
        }),
      })),
    },
  };
}

/** Microseconds per row, by the number of rows: level where the time grows as the rows do. */
export function growthPlot(engines: readonly EngineResults[]): Plot {
  const panels = engines.flatMap(({ name, results }) => growing.map((kind) => ({ name, results, kind })));
  const subjects = subjectsOf(engines.flatMap(({ results }) => results));
  const places = panels.map((_, index) => ({ left: 70 + (index % 2) * 470, top: 90 + Math.floor(index / 2) * 310 }));
  const range = { min: 100, max: 100_000 };
  return {
    name: "growth",
    width,
    height: 70 + 310 * Math.ceil(panels.length / 2),
    option: {
      title: panels.map(({ name, kind }, index) => ({
        text: `${titles[name]}: µs per row, by the rows ${kind.title}`,
        left: (places[index]?.left ?? 0) - 54,
        top: (places[index]?.top ?? 0) - 36,
        textStyle: titleStyle,
      })),
      legend: legendOf(subjects, 12),
      grid: places.map((place) => ({ ...place, width: 400, height: 230 })),
      xAxis: panels.map((_, gridIndex) => ({ gridIndex, type: "log", ...range, ...axisStyle, splitLine })),
      yAxis: panels.map((_, gridIndex) => ({ gridIndex, ...doubling })),
      series: panels.flatMap(({ results, kind }, index) =>
        subjects.map((subject) => ({
          name: subject,
          type: "line",
          xAxisIndex: index,
          yAxisIndex: index,
          symbol: looks[subject].symbol,
          symbolSize: 8,
          itemStyle: { color: looks[subject].color },
          lineStyle: { width: subject === "rowkeeper" ? 3 : 1.5, type: subject === baseline ? "dashed" : "solid" },
          z: ownNames.some((own) => own === subject) ? 4 : 3,
          data: timesPerRow(results, kind.trials, subject),
        })),
      ),
    },
  };
}

function timesPerRow(
  results: readonly TrialResult[],
  sizes: readonly (readonly [number, TrialName])[],
  subject: SubjectName,
): [rows: number, microseconds: number][] {
  return sizes.flatMap(([rows, trial]) => {
    const result = results.find((one) => one.trial === trial);
    const part = result === undefined ? undefined : partOf(result, subject);
    return part === undefined ? [] : [[rows, part.time.median / rows] as [number, number]];
  });
}

function legendOf(subjects: readonly SubjectName[], top: number): object {
  return {
    data: subjects.map((name) => ({ name, icon: looks[name].symbol, itemStyle: { color: looks[name].color } })),
    left: 16,
    top,
    textStyle: { color: "#222222" },
    itemWidth: 14,
    itemHeight: 10,
  };
}
