import type { Condition, ConditionLike } from "./conditions.js";
import { findRelation, sourceAfter } from "./path.js";
import { RelatedRows } from "./related-rows.js";
import { namedItem, type SelectItem } from "./select-items.js";
import type { Related, Source } from "./statement-state.js";
import type { ValueExpression } from "./value-expression.js";
import { conditionsOf } from "./where.js";

/** What can be asked of the rows that a to-many relation leads to. */
class ManyExpressions {
  readonly #rows: RelatedRows;

  constructor(source: Source, related: Related) {
    this.#rows = new RelatedRows(source, related);
  }

  some(where?: unknown): Condition {
    return this.#rows.some(this.#conditions(where));
  }

  none(where?: unknown): Condition {
    return this.#rows.none(this.#conditions(where));
  }

  every(where: unknown): Condition {
    return this.#rows.every(this.#conditions(where));
  }

  count(where?: unknown): ValueExpression {
    return this.#rows.count(this.#conditions(where));
  }

  #conditions(where: unknown): readonly ConditionLike[] {
    return conditionsOf(this.#rows.source, where);
  }
}

const made = new WeakMap<Source, object>();

/** An expression for each column of a model, and for its relations those of the other models. */
export function relatedExpressions<C>(source: Source): C;
export function relatedExpressions(source: Source): unknown {
  let expressions = made.get(source);
  if (expressions === undefined) {
    expressions = expressionsOf(source);
    made.set(source, expressions);
  }
  return expressions;
}

function expressionsOf(source: Source): object {
  const { table, getters = [] } = source;
  const expressions = Object.fromEntries(table.columns.map(({ property, reference }) => [property, reference]));
  for (const name of getters) {
    if (table.has(name)) continue;
    let known: { readonly of: unknown } | undefined;
    // Found on use: the models that relations name may not be there before, and other getters are none.
    const get = (): unknown => {
      known ??= { of: expressionsOfRelation(source, name) };
      return known.of;
    };
    Object.defineProperty(expressions, name, { get, enumerable: false });
  }
  return Object.freeze(expressions);
}

function expressionsOfRelation(source: Source, name: string): unknown {
  const related = findRelation(source, name);
  if (related === undefined) return undefined;
  return related.isMany ? new ManyExpressions(source, related) : relatedExpressions(sourceAfter(source, related));
}

/** The number of the rows that a relation leads to, as a select gives it. */
export function countItem(source: Source, related: Related, property: string): SelectItem {
  return namedItem((name) => source.table.column(name), property, new RelatedRows(source, related).count([]));
}
