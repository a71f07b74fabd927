import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { sourceAfter } from "../sql/path.js";
import { countItem } from "../sql/related-expressions.js";
import type { SelectItem } from "../sql/select-items.js";
import type { Source } from "../sql/statement-state.js";
import type { TableColumn } from "../sql/table.js";
import { kindOf, quoted } from "../text.js";
import { hydrate } from "./hydrate.js";
import { type Loadable, relationNamed } from "./related-models.js";

/** What a select reads besides the rows' own columns, and who takes it. */
export interface Addition {
  readonly items: readonly SelectItem[];
  /** `start`: the place of its first item in a row. */
  attach(instances: readonly object[], rows: readonly unknown[][], start: number, scope: Scope): void;
}

/** A to-one relation whose others are read in the same select, and those that are read by way of it. */
interface Joined {
  readonly related: Loadable;
  readonly source: Source;
  readonly below: Map<string, Joined>;
}

/**
 * The relations of `selectRelated`, by one join each.
 *
 * @throws TypeError for an unknown relation, or one to many
 * @throws UsageError for a relation to one whose key is not unique
 */
export function joinedRelations(source: Source, selectRelated: unknown): readonly Addition[] {
  const tree = new Map<string, Joined>();
  for (const path of pathsOf("selectRelated", selectRelated)) {
    let [at, below] = [source, tree];
    for (const name of path.split(".")) {
      let joined = below.get(name);
      if (joined === undefined) {
        const related = relationNamed(at, name);
        if (related.isMany)
          throw new TypeError(`selectRelated takes relations to one, and ${related.label} is to many: say prefetch`);
        joined = { related, source: sourceAfter(at, related), below: new Map() };
        below.set(name, joined);
      }
      at = joined.source;
      below = joined.below;
    }
  }
  return tree.size === 0 ? [] : [additionOf(tree)];
}

function additionOf(tree: ReadonlyMap<string, Joined>): Addition {
  const items: TableColumn[] = [];
  const parts = [...tree.values()].map((joined) => partOf(joined, items));
  return {
    items,
    attach(instances, rows, start, scope) {
      for (const part of parts) part(instances, rows, start, scope);
    },
  };
}

/** Adds the columns of a relation, and of those below it, to the items, and gives what makes instances of them. */
function partOf({ related, source: { table }, below }: Joined, items: TableColumn[]): Addition["attach"] {
  const place = items.length;
  items.push(...table.columns);
  const parts = [...below.values()].map((joined) => partOf(joined, items));
  const key = table.key.length > 0 ? table.key : table.columns;
  return (owners, rows, start, scope) => {
    const at = start + place;
    const places = new Map<string | number, number>();
    const distinct: unknown[][] = [];
    const others = rows.map((row) => {
      const own = keyText(key, row, at);
      if (own === undefined) return undefined;
      const known = places.get(own);
      if (known !== undefined) return known;
      places.set(own, distinct.length);
      return distinct.push(row.slice(at, at + table.columns.length)) - 1;
    });
    const instances: readonly object[] = hydrate(related.model, distinct, scope);
    const theirs = others.map((other) => (other === undefined ? null : (instances[other] ?? null)));
    related.attach(owners, theirs, scope);
    if (parts.length === 0) return;
    const there = rows.filter((_, i) => others[i] !== undefined);
    const holders = others.flatMap((other) => (other === undefined ? [] : (instances[other] ?? [])));
    for (const part of parts) part(holders, there, start, scope);
  };
}

/** The key of a row that was joined, as text; undefined where there is none. */
function keyText(key: readonly TableColumn[], row: readonly unknown[], at: number): string | number | undefined {
  const [only] = key;
  if (key.length === 1 && only !== undefined) {
    const raw = row[at + only.index];
    if (raw === null) return undefined;
    return typeof raw === "number" || typeof raw === "string" ? raw : textOf(raw);
  }
  const raw = key.map(({ index }) => row[at + index]);
  return raw.every((value) => value === null) ? undefined : JSON.stringify(raw.map(textOf));
}

/** Bytes that are no text would all be the same as one. */
const textOf = (raw: unknown): string => (raw instanceof Uint8Array ? Buffer.from(raw).toString("hex") : String(raw));

/**
 * How many others rows have, as `postsCount`, by one subquery each.
 *
 * @throws TypeError for an unknown relation, or one to one
 * @throws UsageError where the model has such a member already
 */
export function relationCounts(
  model: { readonly prototype: object },
  source: Source,
  withCount: unknown,
): readonly Addition[] {
  return pathsOf("withCount", withCount).map((name) => {
    const related = relationNamed(source, name);
    if (!related.isMany) throw new TypeError(`withCount takes relations to many, and ${related.label} is to one`);
    const property = `${name}Count`;
    if (property in model.prototype)
      throw new UsageError(`withCount: ${source.table.name} has ${quoted(property)} already`);
    const item = countItem(source, related, property);
    return {
      items: [item],
      attach(instances, rows, start) {
        instances.forEach((instance, i) => {
          const value = item.decode?.(rows[i]?.[start]);
          Object.defineProperty(instance, property, { value, enumerable: true, configurable: true, writable: true });
        });
      },
    };
  });
}

/** A path or a list of them, each once. @throws TypeError where it is something else */
function pathsOf(option: string, said: unknown): readonly string[] {
  const paths: readonly unknown[] = said === undefined ? [] : Array.isArray(said) ? said : [said];
  const texts = paths.map((path) => {
    if (typeof path === "string") return path;
    throw new TypeError(`${option} wants the names of relations, not ${kindOf(path)}`);
  });
  return [...new Set(texts)];
}
