/** What hooks are called for. */
export const HOOK_EVENTS = [
  "beforeInsert",
  "afterInsert",
  "beforeInsertMany",
  "afterInsertMany",
  "beforeUpdate",
  "afterUpdate",
  "beforeSave",
  "afterSave",
  "beforeDelete",
  "afterDelete",
  "beforeReload",
  "afterReload",
  "beforeRestore",
  "afterRestore",
  "afterInit",
] as const;

/** What instances of every model have, or may have: no column can be called so, and no relation should be. */
export const MEMBER_NAMES: ReadonlySet<string> = new Set([
  ...HOOK_EVENTS,
  ...Object.getOwnPropertyNames(Object.prototype),
  "data",
  "changes",
  "save",
  "update",
  "restore",
  "delete",
  "reload",
  "equals",
  "hash",
  "using",
  "toJSON",
]);
