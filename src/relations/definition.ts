import type { Scope } from "../database/scope.js";
import type { DialectName, DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { hydrate } from "../manager/hydrate.js";
import { MOST_VALUES } from "../manager/insert-many.js";
import { STATE } from "../manager/instance-state.js";
import { turnIfDue } from "../manager/load-group.js";
import { plainReading } from "../manager/reading.js";
import type { Given, Loadable, Reading } from "../manager/related-models.js";
import { isSaved, isStateful, keptRelations, ownState, rowChanges, type Stateful } from "../model/state.js";
import type { Condition, ConditionLike } from "../sql/conditions.js";
import type { Dialect } from "../sql/dialect.js";
import { Order } from "../sql/order.js";
import { relationsIn } from "../sql/path.js";
import { sourceOf } from "../sql/source.js";
import { Statement } from "../sql/statement.js";
import type { CompiledStatement, Join, Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel, AnyTable } from "../sql/types.js";
import { kindOf, withArticle } from "../text.js";
import { keyInRows, type LinkKey } from "./link-key.js";
import { limitedPerOwner } from "./per-owner.js";
import type { RelationState } from "./relation-state.js";
import { distinct } from "./same-row.js";
import { relationWrites, type Touch } from "./writing.js";

/** The properties of a key, as a getter names them: none for the default, one, or several. */
export type Keys = string | readonly string[] | undefined;

/** What a getter says of its relation, besides the model. */
export type Said = readonly [key: Keys, pivot: AnyModel | undefined, otherKey: Keys, symmetrical: boolean | undefined];

/** How the rows of two models are related; made once for a getter of a class. */
export abstract class Definition implements Loadable {
  #name: string | undefined;
  readonly target: Source;

  constructor(
    /** The class that has the getter. */
    readonly owner: AnyModel,
    readonly model: AnyModel,
    readonly said: Said,
  ) {
    this.target = sourceOf(model);
  }

  abstract readonly kind: string;
  abstract readonly isMany: boolean;
  abstract readonly isUnique: boolean;
  readonly via: Source | undefined = undefined;

  /** The relation of an instance. */
  abstract make(owner: Stateful): RelationState;
  abstract on(own: Table, target: Table, via: Table | undefined): Condition;

  /** What tells whose the others of an instance are; undefined where it can have none. */
  abstract keyOf(owner: Stateful): LinkKey | undefined;

  /** Of how many columns that is. */
  readonly keyWidth: number = 1;

  /**
   * Whether an owner can have others at all: those that hold a key that is null are nobody's.
   *
   * @throws UsageError where it can't, and these are to be its others
   */
  protected canRelate(owner: Stateful, others: readonly Stateful[] = []): boolean {
    if (this.keyOf(owner) !== undefined) return true;
    if (others.length > 0) throw this.keyless(this.owner);
    return false;
  }

  protected keyless(model: AnyModel): UsageError {
    return new UsageError(
      `${this.label}: nothing can be related to ${withArticle(model.name)} without a key: it is null`,
    );
  }

  /** The condition that a row is one of the others of this instance, which has a key. */
  abstract isOf(owner: Stateful): ConditionLike;

  /** The others of instances with these keys, in order. */
  abstract find(owners: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found>;

  /** Those of others that were loaded for a key that do not hold another by now: who re-points one need not know its old owner. */
  stillOf(_key: LinkKey, others: readonly Stateful[]): readonly Stateful[] {
    return others;
  }

  /** Whether a relation of the other model is the same, seen from the other side. */
  abstract isInverse(other: Definition): boolean;

  /**
   * The relations of another instance that are this one seen from its side: those that were asked for, and those to one,
   * which is known now.
   */
  inversesOf(other: Stateful): readonly DefinedRelation[] {
    for (const inverse of this.toOneInverses(other.constructor)) inverse.of(other);
    const relations = keptRelations(other) as DefinedRelation[];
    return relations.filter(({ definition }) => this.isInverse(definition));
  }

  /** The getter's name. Before its class was asked for it by name, it is looked for. */
  get name(): string {
    // Each that is asked for is told its name.
    if (this.#name === undefined) relationsIn(sourceOf(this.owner));
    return this.#name ?? this.kind;
  }

  named(name: string): this {
    this.#name ??= name;
    return this;
  }

  /** For messages: "Post.author". */
  get label(): string {
    return `${this.owner.name}.${this.name}`;
  }

  readonly #toOneInverses = new Map<unknown, readonly Definition[]>();

  /** The relations to one of a class of the other model that are this one, seen from its side. */
  toOneInverses(Class: unknown): readonly Definition[] {
    const known = this.#toOneInverses.get(Class);
    if (known !== undefined) return known;
    const inverses = relationsIn(sourceOf(Class)).flatMap((related) =>
      related instanceof Definition && !related.isMany && this.isInverse(related) ? related : [],
    );
    this.#toOneInverses.set(Class, inverses);
    return inverses;
  }

  /** Lets those that are no longer related to the owner know that, and those that are now. */
  tell(owner: Stateful, left: readonly Stateful[], others: readonly Stateful[], touch: Touch): void {
    for (const other of left) for (const inverse of this.inversesOf(other)) touch(inverse).lose([owner]);
    for (const other of others) for (const inverse of this.inversesOf(other)) touch(inverse).gain([owner]);
  }

  /** The relation of an instance: the same object each time. */
  of(owner: Stateful): RelationState {
    let last: RelationState | undefined;
    for (let known = owner[STATE].relation as RelationState | undefined; known !== undefined; known = known.next) {
      if (known.definition === this) return known;
      last = known;
    }
    const made = this.make(owner);
    if (last === undefined) ownState(owner).relation = made;
    else last.next = made;
    return made;
  }

  async load(owners: readonly Stateful[], scope: Scope, reading: Reading): Promise<void> {
    const { isChosen } = reading;
    const missing: RelationState[] = [];
    const keys: (LinkKey | undefined)[] = [];
    const wanted = new Map<LinkKey, Stateful>();
    const [changes, writes] = [rowChanges(), relationWrites()];
    for (const owner of owners) {
      const relation = this.of(owner);
      const key = this.keyOf(owner);
      if (!isChosen && relation.isLoadedFor(key)) continue;
      missing.push(relation);
      keys.push(key);
      if (key !== undefined) wanted.set(key, owner);
    }
    const found = wanted.size === 0 ? undefined : await this.#findAll(wanted, scope, reading);
    const outdated: Stateful[] = [];
    for (let i = 0; i < missing.length; i++) {
      const relation = missing[i] as RelationState;
      const key = keys[i];
      // What was written meanwhile may not be in what was read.
      if (relation.writtenAt > writes) outdated.push(relation.owner);
      else relation.keep(key, (key === undefined ? undefined : found?.get(key)) ?? NONE, isChosen, changes);
    }
    forgetOnRollback(missing, scope);
    if (outdated.length > 0) await this.load(outdated, scope, reading);
    await turnIfDue();
  }

  async #findAll(wanted: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found> {
    // Of keys of several columns, each value is bound by itself.
    const most = this.keyWidth === 1 ? wanted.size : Math.floor(MOST_VALUES / this.keyWidth);
    if (wanted.size <= most) return this.find(wanted, scope, reading);
    const entries = [...wanted];
    const found: [LinkKey, readonly object[]][] = [];
    for (let start = 0; start < entries.length; start += most)
      found.push(...(await this.find(new Map(entries.slice(start, start + most)), scope, reading)));
    return new Map(found);
  }

  othersOf(owners: readonly Stateful[]): readonly object[] {
    const others = new Set<object>();
    for (const owner of owners) for (const other of this.of(owner).others()) others.add(other);
    return [...others];
  }

  attach(owners: readonly Stateful[], others: readonly (object | null)[], scope: Scope): void {
    const relations = owners.map((owner, i) => {
      const relation = this.of(owner);
      const other = others[i] ?? null;
      relation.keep(this.keyOf(owner), other === null ? [] : [other]);
      return relation;
    });
    forgetOnRollback(relations, scope);
  }

  readonly comesFirst: boolean = false;

  get filledOfOwn(): readonly string[] {
    return [];
  }

  get filledOfOthers(): readonly string[] {
    return [];
  }

  valuesOfOwn(_others: readonly Stateful[]): object {
    return {};
  }

  valuesOfOthers(_owner: Stateful): object {
    return {};
  }

  async relate(given: readonly Given[], within: Scope): Promise<void> {
    for (const { owner, others } of given) {
      if (!isStateful(owner)) continue;
      const relation = this.of(owner);
      relation.keep(this.keyOf(owner), distinct(others.filter(isStateful)));
      within.onRollback(() => relation.forget());
      for (const other of others.filter(isStateful)) {
        for (const inverse of this.inversesOf(other)) {
          within.onRollback(inverse.remembered());
          inverse.gain([owner]);
        }
      }
    }
  }

  /** Runs a reading of the others, with what tells whose they are. */
  protected async select(scope: Scope, reading: Reading, link: Link): Promise<readonly unknown[][]> {
    return (await scope.run(this.#compiled(scope.dialect, reading, link))).rows;
  }

  /** The statements of readings of all others, by dialect: they bind one list of keys, whatever there is in it. */
  readonly #plans: Partial<Record<DialectName, CompiledStatement>> = {};

  #compiled(dialect: Dialect, reading: Reading, link: Link): CompiledStatement {
    const list = reading.statement === plainReading(this.target).statement ? listOf(dialect, link) : undefined;
    const plan = this.#plans[dialect.name];
    if (plan !== undefined && list !== undefined) return { ...plan, values: [list] };
    const compiled = this.#statement(reading, link).compile(dialect);
    if (list !== undefined && compiled.values.length === 1) this.#plans[dialect.name] = compiled;
    return compiled;
  }

  #statement({ statement: { state } }: Reading, link: Link): Statement<AnyTable, unknown> {
    const { joins = [], condition } = link;
    const { output = [] } = state;
    const statement = new Statement<AnyModel, unknown>({
      ...state,
      output: joins.length === 0 ? output : [...output, ...link.columns],
      ...(joins.length === 0 ? {} : { joins }),
      conditions: [...state.conditions, condition()],
      orders: state.orders.length > 0 ? state.orders : (link.orders ?? this.keyOrder),
    });
    return limitedPerOwner(statement, link.columns);
  }

  /** The others by the keys of those whose they are, which stand among the columns of the others. */
  protected async findByOwn(scope: Scope, reading: Reading, link: Link): Promise<Found> {
    const rows = await this.select(scope, reading, link);
    return grouped(rows, keyInRows(link.columns), this.hydrate(rows, scope, reading));
  }

  /** The same where the keys stand in a table that is joined, so that a row may belong to several; it is one instance. */
  protected async findByJoin(scope: Scope, reading: Reading, link: Link): Promise<Found> {
    const rows = await this.select(scope, reading, link);
    const start = reading.statement.state.output?.length ?? 0;
    const keyOf = keyInRows(
      link.columns,
      link.columns.map((_, i) => start + i),
    );
    const { key } = this.target.table;
    const identityOf = key.length === 0 ? undefined : keyInRows(key);
    const places = new Map<LinkKey, number>();
    const distinct: unknown[][] = [];
    const placeOf = (row: unknown[]): number => {
      const identity = identityOf?.(row);
      const known = identity === undefined ? undefined : places.get(identity);
      if (known !== undefined) return known;
      if (identity !== undefined) places.set(identity, distinct.length);
      return distinct.push(row) - 1;
    };
    const place = rows.map(placeOf);
    const others = this.hydrate(distinct, scope, reading);
    return grouped(rows, keyOf, others, place);
  }

  protected hydrate(rows: readonly unknown[][], scope: Scope, reading: Reading): readonly object[] {
    const instances = hydrate(this.model, rows, scope);
    reading.attach?.(instances, rows, scope);
    return instances;
  }

  /** The order of the others where none is said: that of their primary key. */
  get keyOrder(): readonly Order[] {
    return this.target.table.key.map((column) => new Order(column, "asc"));
  }

  /** @throws TypeError where it is no instance of the other model, naming both classes */
  requireOther(value: unknown): Stateful {
    if (value instanceof this.model && isStateful(value)) return value;
    throw new TypeError(`${this.label} takes ${withArticle(this.model.name)}, not ${kindOf(value)}`);
  }

  /** @throws UsageError where it is not in the database, or TypeError as `requireOther` */
  requireSaved(value: unknown, method: string): Stateful {
    const other = this.requireOther(value);
    this.requireThere(other, method);
    if (isSaved(other)) return other;
    const advice = method === "insert" ? "give its values" : "save() it first";
    throw new UsageError(
      `${this.label}: ${method}() was given ${withArticle(this.model.name)} that is not in the database; ${advice}`,
    );
  }

  /** @throws UsageError where it was deleted */
  requireThere(other: Stateful, method: string): void {
    if (other[STATE].isDeleted)
      throw new UsageError(`${this.label}: ${method}() was given ${withArticle(this.model.name)} that was deleted`);
  }
}

/** A relation of an instance, with what defines it. */
interface DefinedRelation extends RelationState {
  readonly definition: Definition;
}

/** What a transaction has read is read anew where it is rolled back. Until its end it keeps no instance for that. */
function forgetOnRollback(relations: readonly RelationState[], scope: Scope): void {
  if (!scope.isTransaction || relations.length === 0) return;
  const loaded = relations.map((relation) => new WeakRef(relation));
  scope.onRollback(() => {
    for (const relation of loaded) relation.deref()?.forget();
  });
}

/** What is read to tell whose the others are. */
export interface Link {
  readonly columns: readonly TableColumn[];
  readonly joins?: readonly Join[];
  readonly condition: () => ConditionLike;
  /** The values that the condition says the one column to have, where it says nothing else. */
  readonly values?: readonly unknown[] | undefined;
  /** The order where none is said; default: of the others' primary key. */
  readonly orders?: readonly Order[];
}

/** A link's values as one parameter; undefined where the engine takes none for such, or there are other values. */
function listOf(dialect: Dialect, { columns: [column], values }: Link): DriverValue | undefined {
  if (column === undefined || values === undefined) return undefined;
  const encode = (value: unknown) => column.codec.encodeOperand(dialect, value, column.label);
  return dialect.listParameter(column.type)?.encode(values.map(encode));
}

/** Lists of others, by the keys of those whose they are. */
export type Found = ReadonlyMap<LinkKey, readonly object[]>;

const NONE: readonly object[] = Object.freeze([]);

/** Others in lists by the keys in rows, whose each is: that of the same place, or of those given. */
function grouped(
  rows: readonly (readonly unknown[])[],
  keyOf: (row: readonly unknown[]) => LinkKey | undefined,
  others: readonly object[],
  places?: readonly number[],
): Found {
  const found = new Map<LinkKey, object[]>();
  // Rows with one key mostly come one after another.
  let last: LinkKey | undefined;
  let list: object[] | undefined;
  for (let i = 0; i < rows.length; i++) {
    const key = keyOf(rows[i] as unknown[]);
    if (key === undefined) continue;
    const other = others[places === undefined ? i : (places[i] as number)] as object;
    if (key !== last) list = found.get(key);
    last = key;
    if (list === undefined) {
      list = [other];
      found.set(key, list);
    } else list.push(other);
  }
  return found;
}
