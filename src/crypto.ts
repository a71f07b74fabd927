let loaded: typeof import("node:crypto") | undefined;

/** Node's cryptography, which takes a while to load, and which a process that only reads never needs. */
export function crypto(): typeof import("node:crypto") {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}
