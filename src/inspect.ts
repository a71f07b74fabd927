/** `inspect.custom` of node:util, which takes a while to load: the method that says how an object is shown. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");
