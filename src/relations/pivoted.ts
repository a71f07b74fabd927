import { raw } from "sql-template-tag";
import type { Scope } from "../database/scope.js";
import type { Reading } from "../manager/related-models.js";
import { isSaved, type Stateful } from "../model/state.js";
import { Column } from "../sql/columns.js";
import { checkComparable } from "../sql/comparable.js";
import { and, type Condition, type ConditionLike, exists } from "../sql/conditions.js";
import { Order } from "../sql/order.js";
import { sourceOf, tableSourceOf } from "../sql/source.js";
import { Statement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel, AnyTable } from "../sql/types.js";
import { type AnyView, cte } from "../sql/views.js";
import { Definition, type Found, type Link, type Said } from "./definition.js";
import { areEqual, linkOf } from "./keyed.js";
import { keyInInstances, type LinkKey, valuesOf } from "./link-key.js";

/** A column of one side, and the one of the pivot that holds its value. */
export interface Held {
  readonly held: TableColumn;
  readonly referred: TableColumn;
}

interface PivotLink extends Pick<Link, "columns" | "joins" | "orders"> {
  /** Whether the pivot says that it has each pair once. */
  readonly isOnce: boolean;
}

/** Rows that are related by the rows of a third table. */
export abstract class Pivoted extends Definition {
  readonly isMany = true;
  readonly isUnique = false;
  override readonly via: Source;
  /** The pivot, or where pairs have no direction a view of it that has each pair both ways. */
  readonly links: AnyModel | AnyView;
  override readonly keyWidth: number;
  readonly #keyOf: (owner: Stateful) => LinkKey | undefined;
  readonly #own: readonly TableColumn[];
  /** How rows are linked, whosever they are. */
  #link: PivotLink | undefined;

  constructor(
    owner: AnyModel,
    model: AnyModel,
    said: Said,
    readonly pivot: AnyModel,
    readonly ownPairs: readonly Held[],
    readonly otherPairs: readonly Held[],
    readonly symmetrical: boolean,
  ) {
    super(owner, model, said);
    for (const { held, referred } of [...ownPairs, ...otherPairs]) checkComparable(held, referred);
    this.links = symmetrical ? bothWays(pivot, ownPairs, otherPairs) : pivot;
    this.via = tableSourceOf(this.links);
    this.keyWidth = ownPairs.length;
    this.#own = ownPairs.map(({ referred }) => referred);
    this.#keyOf = keyInInstances(this.#own);
  }

  on(own: Table, target: Table, via: Table = this.via.table): Condition {
    const join = (pairs: readonly Held[], table: Table) =>
      pairs.map(({ held, referred }) =>
        via.column(held.property).reference.eq(table.column(referred.property).reference),
      );
    return and(...join(this.otherPairs, target), ...join(this.ownPairs, own));
  }

  keyOf(owner: Stateful): LinkKey | undefined {
    return isSaved(owner) ? this.#keyOf(owner) : undefined;
  }

  isOf(owner: Stateful): ConditionLike {
    const isOwn = areEqual(this.#linked(this.ownPairs), this.ownValues(owner));
    const [pair, ...more] = this.otherPairs;
    if (pair !== undefined && more.length === 0) {
      const held = this.#linked(this.otherPairs);
      return pair.referred.reference.in(this.#selectLinks(held, [isOwn]));
    }
    return exists(this.#selectLinks(this.#linked(this.ownPairs), [isOwn, this.#isOther()]));
  }

  async find(owners: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found> {
    this.#link ??= this.#linkOf();
    const link = { ...this.#link, ...linkOf(this.#link.columns, owners.values(), this.#own) };
    const found = await this.findByJoin(scope, reading, link);
    if (this.#link.isOnce) return found;
    return new Map([...found].map(([key, others]) => [key, [...new Set(others)]]));
  }

  #linkOf(): PivotLink {
    const columns = this.#linked(this.ownPairs);
    const joins = [{ kind: "inner", source: this.via, on: this.#isOther() }] as const;
    return { columns, joins, orders: this.#orders(columns), isOnce: this.unique !== undefined };
  }

  /** By owner first, as the pivot's key has it; then by the others' key, of which the pivot holds a copy. */
  #orders(columns: readonly TableColumn[]): readonly Order[] {
    const { key } = this.target.table;
    const isKey =
      this.otherPairs.every(({ referred }, i) => referred === key[i]) && this.otherPairs.length === key.length;
    const others = isKey ? this.#linked(this.otherPairs) : key;
    return [...columns, ...others].map((column) => new Order(column, "asc"));
  }

  /** That a row of the pivot relates this instance and a row of the others. */
  isLinkedTo(owner: Stateful): Condition {
    return and(areEqual(this.#linked(this.ownPairs), this.ownValues(owner)), this.#isOther());
  }

  ownValues(owner: Stateful): readonly unknown[] {
    return valuesOf(owner, this.#own);
  }

  otherValues(other: Stateful): readonly unknown[] {
    return valuesOf(
      other,
      this.otherPairs.map(({ referred }) => referred),
    );
  }

  /** The columns of which no two pairs have the same values; undefined where the pivot has nothing that says so. */
  protected get unique(): readonly TableColumn[] | undefined {
    const columns = [...this.ownPairs, ...this.otherPairs].map(({ held }) => held);
    return sourceOf(this.pivot).table.keys.find(
      (unique) => unique.length === columns.length && unique.every((column) => columns.includes(column)),
    );
  }

  #isOther(): Condition {
    return and(
      ...this.otherPairs.map(({ held, referred }) =>
        this.via.table.column(held.property).reference.eq(referred.reference),
      ),
    );
  }

  #linked(pairs: readonly Held[]): readonly TableColumn[] {
    return pairs.map(({ held }) => this.via.table.column(held.property));
  }

  #selectLinks(output: readonly TableColumn[], conditions: readonly Condition[]): Statement<AnyTable, unknown> {
    return new Statement({ verb: "select", source: this.via, output, conditions, orders: [] });
  }
}

/** Each pair of a pivot, and the same the other way round: once, where it is there in both orders, or of one row. */
function bothWays(pivot: AnyModel, ownPairs: readonly Held[], otherPairs: readonly Held[]): AnyView {
  const { table } = sourceOf(pivot);
  const own = ownPairs.map(({ held }) => held);
  const other = otherPairs.map(({ held }) => held);
  const list = (columns: readonly TableColumn[]): string => columns.map(({ quoted }) => quoted).join(", ");
  const visible = (name: string): string[] =>
    table.deletedAt === undefined ? [] : [`${name}.${table.deletedAt.quoted} is null`];
  const isTurned = own.flatMap(({ quoted: one }, i) => {
    const another = other[i]?.quoted;
    return [`turned.${one} = pair.${another}`, `turned.${another} = pair.${one}`];
  });
  const turned = `select 1 from ${table.quoted} turned where ${[...isTurned, ...visible("turned")].join(" and ")}`;
  const where = (conditions: readonly string[]): string =>
    conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  // Not a union of both, which the engines would make of all pairs before they look for some.
  const text =
    `select ${list([...own, ...other])} from ${table.quoted} pair${where(visible("pair"))} union all ` +
    `select ${list([...other, ...own])} from ${table.quoted} pair${where([...visible("pair"), `not exists (${turned})`])}`;
  const columns = [...own, ...other].map(({ property, type, name }): [string, Column<unknown>] => [
    property,
    new Column({ type, name }),
  ]);
  return cte(`${table.name}_both_ways`.slice(-60), Object.fromEntries(columns), raw(text));
}
