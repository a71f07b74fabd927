/*
 * Loaded where ROWKEEPER_SQLITE=node asks for Node's own SQLite: rowkeeper finds better-sqlite3 not installed. The specs
 * themselves still find it. It is not TypeScript, because it is loaded beside tsx.
 */
import { registerHooks } from "node:module";

registerHooks({
  resolve(name, context, next) {
    if (name !== "better-sqlite3" || !context.parentURL?.includes("/src/database/connect.ts"))
      return next(name, context);
    const error = new Error(`Cannot find package '${name}' imported from ${context.parentURL}`);
    throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
  },
});
