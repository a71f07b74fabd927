import type { DialectName } from "../../src/index.js";
import type { Counts } from "./counts.js";
import type { OperationName } from "./operations.js";

interface Ceilings extends Readonly<Record<DialectName, Readonly<Record<OperationName, Counts>>>> {
  /** Prepared statements made by 1000 calls that are alike. */
  readonly prepared: number;
  /** The most statements that a connection keeps prepared, of any number. */
  readonly keptPrepared: number;
  /** Bytes that stay in use for each select of another shape, once there were thousands. */
  readonly heldPerShape: number;
  /** Bytes that stay in use for each instance of six columns, its text included. */
  readonly heldPerInstance: Readonly<Record<"sqlite" | "postgres", number>>;
  /** TypeScript 7's instantiations for 50 models and 500 queries. */
  readonly instantiations: number;
}

/**
 * What the main paths may take. Statements are exact; promises are those of one call; bytes are those of one row, with a
 * quarter more than was measured, since versions of Node differ. `npx tsx spec/speed/print.ts` prints these lines anew.
 *
 * Lower a number when the code has become better. Raise one only with a reason in the commit.
 */
export const CEILINGS: Ceilings = {
  sqlite: {
    "find by key": { statements: 1, promises: 1, bytes: 3340 },
    "getInstances by a condition": { statements: 1, promises: 1, bytes: 5670 },
    "a page of 20 rows": { statements: 1, promises: 1, bytes: 1130 },
    "all 1000 rows": { statements: 1, promises: 2, bytes: 790 },
    "all 1000 rows as items": { statements: 1, promises: 3, bytes: 770 },
    count: { statements: 1, promises: 1, bytes: 4240 },
    insert: { statements: 1, promises: 1, bytes: 6410 },
    "insertMany of 1000": { statements: 23, promises: 21, bytes: 2320 },
    "update by key": { statements: 1, promises: 1, bytes: 5850 },
    "save of a changed column": { statements: 1, promises: 1, bytes: 6380 },
    "bulkUpdate of 1000": { statements: 1002, promises: 22, bytes: 1680 },
    "saveAll of 1000": { statements: 23, promises: 63, bytes: 6170 },
    "a transaction of ten statements": { statements: 12, promises: 27, bytes: 6330 },
    "prefetch one to many": { statements: 2, promises: 16, bytes: 3950 },
    "prefetch many to one": { statements: 2, promises: 16, bytes: 2000 },
    "prefetch many to many": { statements: 2, promises: 16, bytes: 2990 },
    "prefetch three levels": { statements: 4, promises: 48, bytes: 14900 },
  },
  postgres: {
    "find by key": { statements: 1, promises: 7, bytes: 25400 },
    "getInstances by a condition": { statements: 1, promises: 5, bytes: 25900 },
    "a page of 20 rows": { statements: 1, promises: 6, bytes: 3520 },
    "all 1000 rows": { statements: 1, promises: 7, bytes: 1940 },
    "all 1000 rows as items": { statements: 1, promises: 5, bytes: 1920 },
    count: { statements: 1, promises: 5, bytes: 18230 },
    insert: { statements: 1, promises: 5, bytes: 23880 },
    "insertMany of 1000": { statements: 1, promises: 9, bytes: 4170 },
    "update by key": { statements: 1, promises: 5, bytes: 17290 },
    "save of a changed column": { statements: 1, promises: 6, bytes: 18880 },
    "bulkUpdate of 1000": { statements: 3, promises: 67, bytes: 1810 },
    "saveAll of 1000": { statements: 3, promises: 77, bytes: 8350 },
    "a transaction of ten statements": { statements: 12, promises: 206, bytes: 31910 },
    "prefetch one to many": { statements: 2, promises: 25, bytes: 6830 },
    "prefetch many to one": { statements: 2, promises: 25, bytes: 3600 },
    "prefetch many to many": { statements: 2, promises: 24, bytes: 5330 },
    "prefetch three levels": { statements: 4, promises: 63, bytes: 24320 },
  },
  prepared: 1,
  keptPrepared: 500,
  heldPerShape: 50,
  heldPerInstance: { sqlite: 225, postgres: 250 },
  instantiations: 133_000,
};
