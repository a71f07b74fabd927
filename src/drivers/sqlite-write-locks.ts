import { basename } from "node:path";
import { Permits } from "./permits.js";
import type { SqliteHandle } from "./sqlite-types.js";

interface WriteLock {
  readonly permits: Permits;
  users: number;
}

const locks = new Map<string, WriteLock>();
const handles = new WeakMap<SqliteHandle, Permits>();

/** The use of a file's write lock by one driver. */
export interface WriteLockUse {
  readonly permits: Permits;
  /** To be called once, when the driver is closed. */
  end(): void;
}

/**
 * The lock that all drivers of this process share who write to the same file, so that they queue fairly rather than
 * knock at SQLite's own lock again and again.
 *
 * @param path a file that exists
 */
export function useWriteLock(path: string): WriteLockUse {
  // Not imported: as an ES module, node:fs loads its streams too.
  const { dev, ino } = process.getBuiltinModule("node:fs").statSync(path, { bigint: true });
  const file = `${dev}:${ino}`;
  const lock = locks.get(file) ?? { permits: new Permits(`the write lock of ${basename(path)}`, 1), users: 0 };
  locks.set(file, lock);
  lock.users += 1;
  return {
    permits: lock.permits,
    end() {
      lock.users -= 1;
      if (lock.users === 0) locks.delete(file);
    },
  };
}

/** The turns on a database that has one connection, shared by all drivers of this process that use its handle. */
export function permitsOf(handle: SqliteHandle, name = "the database"): Permits {
  const permits = handles.get(handle) ?? new Permits(`the one connection to ${name}`, 1);
  handles.set(handle, permits);
  return permits;
}
