import { LOADED } from "../manager/hydrate.js";

const samples = new WeakMap<object, object>();

/**
 * Keeps an instance of a model. Where none is left at a garbage collection, V8 forgets their shape, and with it all that it
 * has optimized for instances of the model.
 */
export function keepShape(model: object): void {
  if (samples.has(model)) return;
  const Class = model as new (values: unknown) => object;
  samples.set(model, new Class(LOADED));
}
