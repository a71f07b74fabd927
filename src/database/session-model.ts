import { wrongInput } from "../errors.js";
import { eachRow } from "../sql/each-row.js";
import { sourceOf } from "../sql/source.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";
import { kindOf } from "../text.js";
import type { Scope } from "./scope.js";

/** Where a model class keeps how instances are made of rows, and how they are saved. */
export const HYDRATE = Symbol("rowkeeper.hydrate");
export const SAVE_ALL = Symbol("rowkeeper.saveAll");

/** What a session asks of a model class. */
interface SessionModel {
  /** Instances of rows of all columns. */
  [HYDRATE](rows: readonly unknown[][], scope: Scope): object[];
  /** Upserts instances, of this class and of others, by their primary keys. */
  [SAVE_ALL](instances: readonly object[], scope: Scope): Promise<void>;
}

export function instancesOf(model: AnyModel, rows: readonly unknown[][], scope: Scope): object[] {
  return sessionModel(model)[HYDRATE](rows, scope);
}

/** @throws TypeError for what is no instance of a model */
export async function saveAll(instances: readonly AnyInstance[], method: string, scope: Scope): Promise<void> {
  const models: SessionModel[] = [];
  eachRow(instances, (instance) => models.push(modelOf(instance, method)));
  await models[0]?.[SAVE_ALL](instances, scope);
}

function modelOf(instance: unknown, method: string): SessionModel {
  if (typeof instance === "object" && instance !== null) {
    const model: unknown = Reflect.get(instance, "constructor");
    if (typeof model === "function" && SAVE_ALL in model) return sessionModel(model);
  }
  throw wrongInput(`${method} wants instances of models, not ${kindOf(instance)}`);
}

function sessionModel(model: object): SessionModel {
  sourceOf(model);
  return model as SessionModel;
}
