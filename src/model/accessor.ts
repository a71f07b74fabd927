import type { TableColumn } from "../sql/table.js";
import { assignColumn, HELD, ROW, readColumn, type Stateful } from "./state.js";

/** The property of a column. The common cases are short, as they run for each value that is read. */
export function accessor(column: TableColumn): PropertyDescriptor {
  const { index, decode, isObject } = column;
  const set = function (this: Stateful, value: unknown): void {
    assignColumn(this, column, value);
  };
  const common = { set, enumerable: true, configurable: true };
  if (isObject) {
    return {
      ...common,
      get(this: Stateful): unknown {
        return readColumn(this, column);
      },
    };
  }
  if (decode === undefined) {
    return {
      ...common,
      get(this: Stateful): unknown {
        const raw = this[HELD] === undefined ? this[ROW][index] : undefined;
        return raw === undefined ? readColumn(this, column) : raw;
      },
    };
  }
  return {
    ...common,
    get(this: Stateful): unknown {
      const raw = this[HELD] === undefined ? this[ROW][index] : undefined;
      if (raw === null) return null;
      return raw === undefined ? readColumn(this, column) : decode(raw);
    },
  };
}
