import { SCOPE, type Scope, type Scoped } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { HOOK_EVENTS } from "../sql/member-names.js";
import { sourceOf } from "../sql/source.js";
import type { AnyModel } from "../sql/types.js";
import { didYouMean, kindOf, quoted } from "../text.js";

/** What a hook can be called for. */
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** The events of a list of instances; a method for one of them is static. */
type ListEvent = "beforeInsertMany" | "afterInsertMany";

/** What a hook is told besides the instance. */
export interface HookContext {
  readonly event: HookEvent;
  /** The transaction that the operation and its hooks are: `Other.objects.using(context.scope)` writes within it. */
  readonly scope: Scoped;
}

/** A hook of a model whose instances are `I`. It is awaited, but for one of `afterInit`, which can't be async. */
export type Hook<I, E extends HookEvent = HookEvent> = (
  subject: E extends ListEvent ? readonly I[] : I,
  context: HookContext,
) => unknown;

/** Says that an operation is to run without hooks. */
export interface EventOptions {
  /** Whether the hooks of the operation are left out, but for those of `afterInit`; default false. */
  readonly suppressEvents?: boolean;
}

/** The events of an insert of one row, of an update, and of an insert of many. */
const INSERT_EVENTS: readonly HookEvent[] = ["beforeInsert", "afterInsert"];
const UPDATE_EVENTS: readonly HookEvent[] = ["beforeUpdate", "afterUpdate"];
const INSERT_MANY_EVENTS: readonly HookEvent[] = ["beforeInsertMany", "afterInsertMany", ...INSERT_EVENTS];

type AnyHook = (subject: object, context: HookContext) => unknown;

/** The hooks of a class, by event, those that it inherits among them; only events that have any. */
type HooksOfClass = Partial<Record<HookEvent, readonly AnyHook[]>>;

/** The hooks that were added to each class itself. */
const added = new WeakMap<object, Map<HookEvent, AnyHook[]>>();

/** The hooks of each class, as they were when hooks were changed for the `version`th time. */
const known = new WeakMap<object, { readonly version: number; readonly hooks: HooksOfClass }>();
let version = 0;

/**
 * Adds a hook to a class and those that extend it, now and later.
 *
 * @throws UsageError for an unknown event, with the nearest name
 * @throws TypeError for what is no function
 */
export function addHook(model: object, event: HookEvent, hook: unknown): void {
  checkEvent(event);
  checkHook(hook);
  const own = added.get(model) ?? new Map<HookEvent, AnyHook[]>();
  added.set(model, own.set(event, [...(own.get(event) ?? []), hook]));
  version++;
}

/** Removes a hook that was added to this very class, and tells whether it was there. */
export function removeHook(model: object, event: HookEvent, hook: unknown): boolean {
  checkEvent(event);
  checkHook(hook);
  const hooks = added.get(model)?.get(event);
  const place = hooks?.indexOf(hook) ?? -1;
  if (place < 0) return false;
  hooks?.splice(place, 1);
  version++;
  return true;
}

/** Removes all hooks that were added to this very class, or those of one event. */
export function clearHooks(model: object, event: HookEvent | undefined): void {
  if (event !== undefined) checkEvent(event);
  if (event === undefined) added.delete(model);
  else added.get(model)?.delete(event);
  version++;
}

function checkEvent(event: unknown): void {
  if (typeof event !== "string") throw new TypeError(`a hook's event is a string, not ${kindOf(event)}`);
  if (!isHookEvent(event)) {
    throw new UsageError(`there are no hooks for ${quoted(event)}${didYouMean(event, HOOK_EVENTS)}`);
  }
}

export function isHookEvent(name: string): name is HookEvent {
  return (HOOK_EVENTS as readonly string[]).includes(name);
}

function checkHook(hook: unknown): asserts hook is AnyHook {
  if (typeof hook !== "function") throw new TypeError(`a hook is a function, not ${kindOf(hook)}`);
}

/** Whether a class has hooks for one of these events. */
export function hasHooks(model: object, events: readonly HookEvent[]): boolean {
  const hooks = hooksOf(model);
  return hooks !== NONE && events.some((event) => hooks[event] !== undefined);
}

const NONE: HooksOfClass = {};

function hooksOf(model: object): HooksOfClass {
  const last = known.get(model);
  if (last !== undefined && last.version === version) return last.hooks;
  const lines: object[] = [];
  for (let Class = model; Class !== Function.prototype; Class = Object.getPrototypeOf(Class)) lines.unshift(Class);
  const entries = HOOK_EVENTS.flatMap((event) => {
    const hooks = [...lines.flatMap((Class) => added.get(Class)?.get(event) ?? []), ...methodOf(model, event)];
    return hooks.length > 0 ? [[event, hooks] as const] : [];
  });
  const hooks = entries.length > 0 ? (Object.fromEntries(entries) as HooksOfClass) : NONE;
  known.set(model, { version, hooks });
  return hooks;
}

/** The hook that is a method of the class, or of one above it. @throws UsageError where it is on the wrong side of it */
function methodOf(model: object, event: HookEvent): AnyHook[] {
  const isStatic = event === "beforeInsertMany" || event === "afterInsertMany";
  const { prototype } = model as { readonly prototype: object };
  if (isMethod(isStatic ? prototype : model, event)) {
    const { name } = model as { readonly name: string };
    throw new UsageError(`${name}.${event} is a hook ${isStatic ? "of a list, and is static" : "and can't be static"}`);
  }
  if (!isMethod(isStatic ? model : prototype, event)) return [];
  if (isStatic) return [(list, context) => Reflect.get(model, event).call(model, list, context)];
  return [(instance, context) => Reflect.get(instance, event).call(instance, context)];
}

/** A getter of that name, such as a relation, is none, and is not called to find out. */
function isMethod(owner: object, name: string): boolean {
  for (let holder: object | null = owner; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const property = Object.getOwnPropertyDescriptor(holder, name);
    if (property !== undefined) return typeof property.value === "function";
  }
  return false;
}

/** Runs a class's hooks for an event one after another. */
export async function runHooks(model: object, event: HookEvent, subject: object, scope: Scope): Promise<void> {
  const hooks = hooksOf(model)[event];
  if (hooks === undefined) return;
  const context: HookContext = { event, scope: { [SCOPE]: scope } };
  for (const hook of hooks) await hook(subject, context);
}

/**
 * Runs the `afterInit` hooks of instances.
 *
 * @throws UsageError where one is async: what makes an instance does not wait
 */
export function initialize(model: object, instances: readonly object[], scope: () => Scope): void {
  const hooks = hooksOf(model).afterInit;
  if (hooks === undefined) return;
  const context: HookContext = {
    event: "afterInit",
    scope: {
      get [SCOPE]() {
        return scope();
      },
    },
  };
  for (const instance of instances) for (const hook of hooks) checkSync(hook(instance, context));
}

function checkSync(answer: unknown): void {
  if (!(answer instanceof Promise)) return;
  answer.catch(() => {}); // What it throws is not told: it should not have been called.
  throw new UsageError("an afterInit hook can't be async: nobody waits for it while an instance is made");
}

/** Where a model class keeps how rows are inserted with hooks, and an instance how it is updated with them. */
export const INSERT = Symbol("rowkeeper.insert");
export const UPDATE = Symbol("rowkeeper.update");

/** How an insert with hooks goes. */
export interface InsertPlan {
  /** Whether the hooks of the list run as well. */
  readonly isMany?: boolean;
  /** Whether nothing is inserted where a row with the same unique values is there. */
  readonly unlessThere?: boolean;
}

/**
 * Inserts rows with their hooks, as one transaction, where the class has hooks for that; undefined where it has none.
 * Gives no instances where `unlessThere` has found a row.
 */
export function insertWithHooks<M extends AnyModel>(
  model: M,
  values: readonly unknown[],
  scope: Scope,
  plan: InsertPlan = {},
): Promise<InstanceType<M>[]> | undefined {
  if (!hasHooks(model, plan.isMany ? INSERT_MANY_EVENTS : INSERT_EVENTS)) return undefined;
  const hooked: object = model;
  return (hooked as { [INSERT](...args: unknown[]): Promise<InstanceType<M>[]> })[INSERT](values, scope, plan);
}

/** Whether an insert of several rows of a model runs hooks. */
export const hasInsertHooks = (model: AnyModel): boolean => hasHooks(model, INSERT_MANY_EVENTS);

/**
 * Updates an instance with its hooks where the class has any for that, or where its key is made of its content; undefined
 * where one statement does it.
 */
export function updateWithHooks<I extends object>(instance: I, values: object): Promise<I> | undefined {
  const isPlain = sourceOf(instance.constructor).table.content === undefined;
  if (isPlain && !hasHooks(instance.constructor, UPDATE_EVENTS)) return undefined;
  const hooked: object = instance;
  return (hooked as { [UPDATE](values: object): Promise<I> })[UPDATE](values);
}
