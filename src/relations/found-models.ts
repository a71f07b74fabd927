import type { Database } from "../database/database.js";
import { BINDING } from "../database/scope.js";
import { complete, modelClass } from "../model/model.js";
import { type PlannedModel, type PlannedRelation, planModels } from "../schema/model-plan.js";
import { tableName } from "../schema/table-name.js";
import type { Table } from "../sql/table.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";
import { belongsTo } from "./belongs-to.js";
import { belongsToMany } from "./belongs-to-many.js";
import { hasMany } from "./has-many.js";
import { hasOne } from "./has-one.js";

/** The models of tables that were read from a database, each made when it is first asked for. */
class FoundModels {
  readonly #plans: ReadonlyMap<string, PlannedModel>;
  readonly #models = new Map<PlannedModel, AnyModel>();

  constructor(
    readonly database: Database,
    tables: readonly Table[],
  ) {
    this.#plans = new Map(planModels(tables).map((plan) => [tableName(plan.table), plan]));
  }

  find(table: string): AnyModel | undefined {
    const plan = this.#plans.get(table);
    return plan && this.#of(plan);
  }

  #of(plan: PlannedModel): AnyModel {
    let model = this.#models.get(plan);
    if (model === undefined) {
      model = this.#make(plan);
      this.#models.set(plan, model);
    }
    return model;
  }

  #make({ table, className, relations }: PlannedModel): AnyModel {
    const Columns = complete(modelClass(table.name, table), table) as AnyModel;
    // Relations are looked for in the classes below the one with the columns.
    const Found = { [className]: class extends Columns {} }[className] as AnyModel;
    // Not bound by `bind()`: what the program did not make is not for `dropAll()`.
    Object.defineProperty(Found, BINDING, { value: this.database, configurable: true, writable: true });
    for (const relation of relations) {
      const of = (owner: AnyInstance): unknown => this.#relation(owner, relation);
      const get = function (this: AnyInstance): unknown {
        return of(this);
      };
      Object.defineProperty(Found.prototype, relation.name, { get, configurable: true });
    }
    return Found;
  }

  #relation(owner: AnyInstance, { kind, target, pivot, keys }: PlannedRelation): unknown {
    const model = this.#of(target);
    const [own = [], other = []] = keys.map((columns) => columns.map(({ property }) => property));
    if (pivot !== undefined) return belongsToMany(owner, model, this.#of(pivot), own, other);
    if (kind === "belongsTo") return belongsTo(owner, model, own);
    return kind === "hasOne" ? hasOne(owner, model, own) : hasMany(owner, model, own);
  }
}

const known = new WeakMap<ReadonlyMap<string, Table>, FoundModels>();

/** The models of the tables that the database has read: the same until it reads them again. */
export function foundModels(database: Database): FoundModels {
  const { tables } = database;
  let models = known.get(tables);
  if (models === undefined) {
    models = new FoundModels(database, [...tables.values()]);
    known.set(tables, models);
  }
  return models;
}
