const samples = new WeakMap<object, object>();

/**
 * Keeps an object of a kind that comes and goes with each operation, for as long as its owner is there. Where none is left at
 * a collection of garbage, V8 forgets the shape of that kind, and throws away all the code that it has optimized for it.
 *
 * @param make makes the object, the first time
 */
export function keepShape(owner: object, make: () => object): void {
  if (!samples.has(owner)) samples.set(owner, make());
}
