import { inspect } from "node:util";

/** A row that is no instance of a model: of a group, of selected expressions, of a table known by name. */
export class ResultRow<D> {
  constructor(
    /** The values by their names. */
    readonly data: D,
  ) {}

  toJSON(): D {
    return this.data;
  }

  /** @internal */
  [inspect.custom](depth: number, options: object, format: typeof inspect): string {
    return depth < 0 ? "[Row]" : `Row ${format(this.data, options)}`;
  }
}
