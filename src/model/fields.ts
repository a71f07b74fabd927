import { STATE, type State } from "../manager/instance-state.js";
import type { TableColumn } from "../sql/table.js";
import { assignColumn, fieldAt, readColumn, type Stateful } from "./state.js";

/** A class whose constructor takes what an instance is made of: values or `LOADED`, then a row and a state. */
export type InstanceClass = new (values?: unknown, row?: readonly unknown[], state?: State) => Stateful;

/** What the generated class calls. */
const CALLED = { STATE, readColumn, assignColumn };

/** What holds the values of a model's rows. */
interface Fields {
  /** A class below `Parent` whose instances have a field for each value of a row. */
  readonly Holder: InstanceClass;
  /** The properties of the columns. */
  readonly properties: object;
}

type Make = (
  Parent: InstanceClass,
  called: typeof CALLED,
  fields: readonly symbol[],
  columns: readonly TableColumn[],
  none: readonly undefined[],
) => Fields;

/**
 * Lets the instances of a class hold each value of a row in a field of its own, with a property per column.
 *
 * It is done by generated code, so that V8 keeps the values within the instance and reads each as a field of a known place;
 * where code can't be made of text (`--disallow-code-generation-from-strings`), closures do the same more slowly.
 */
export function addFields(
  Made: { readonly prototype: object },
  Parent: InstanceClass,
  columns: readonly TableColumn[],
) {
  const fields = columns.map(({ index }) => fieldAt(index));
  const none = columns.map(() => undefined);
  const { Holder, properties } = (generated(columns) ?? written)(Parent, CALLED, fields, columns, none);
  Object.setPrototypeOf(Made, Holder);
  Object.setPrototypeOf(Made.prototype, Holder.prototype);
  Object.defineProperties(Made.prototype, Object.getOwnPropertyDescriptors(properties));
}

function generated(columns: readonly TableColumn[]): Make | undefined {
  const each = (text: (column: TableColumn, i: number) => string): string => columns.map(text).join("\n");
  try {
    return new Function(
      "Parent",
      "{ STATE, readColumn, assignColumn }",
      "fields",
      "columns",
      "none",
      `const [${columns.map((_, i) => `f${i}`)}] = fields;
      const [${columns.map((_, i) => `c${i}`)}] = columns;
      ${each(({ decode }, i) => (decode === undefined ? "" : `const d${i} = c${i}.decode;`))}
      return {
        Holder: class extends Parent {
          constructor(values, row = none, state) {
            super(values, row, state);
            ${each((_, i) => `this[f${i}] = row[${i}];`)}
          }
        },
        properties: {
          ${each(
            (column, i) => `get [c${i}.property]() { ${getter(column, i)} },
            set [c${i}.property](value) { assignColumn(this, c${i}, value); },`,
          )}
        },
      };`,
    ) as Make;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** The common cases are short, as they run for each value that is read. */
function getter({ isObject, decode }: TableColumn, i: number): string {
  if (isObject) return `return readColumn(this, c${i});`;
  const raw = `const raw = this[STATE].held === undefined ? this[f${i}] : undefined;`;
  if (decode === undefined) return `${raw} return raw === undefined ? readColumn(this, c${i}) : raw;`;
  return `${raw} if (raw === null) return null; return raw === undefined ? readColumn(this, c${i}) : d${i}(raw);`;
}

const written: Make = (Parent, _, fields, columns, none) => {
  class Holder extends Parent {
    constructor(values?: unknown, row: readonly unknown[] = none, state?: State) {
      super(values, row, state);
      fields.forEach((field, i) => {
        this[field] = row[i];
      });
    }
  }
  const properties = {};
  for (const column of columns) {
    Object.defineProperty(properties, column.property, {
      get(this: Stateful) {
        return readColumn(this, column);
      },
      set(this: Stateful, value: unknown) {
        assignColumn(this, column, value);
      },
      enumerable: true,
      configurable: true,
    });
  }
  return { Holder, properties };
};
