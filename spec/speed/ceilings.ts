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
    "find by key": { statements: 1, promises: 1, bytes: 3210 },
    "getInstances by a condition": { statements: 1, promises: 1, bytes: 6030 },
    "a page of 20 rows": { statements: 1, promises: 1, bytes: 1010 },
    "all 1000 rows": { statements: 1, promises: 2, bytes: 670 },
    "all 1000 rows as items": { statements: 1, promises: 3, bytes: 650 },
    count: { statements: 1, promises: 3, bytes: 6300 },
    insert: { statements: 1, promises: 1, bytes: 6110 },
    "insertMany of 1000": { statements: 23, promises: 35, bytes: 3150 },
    "update by key": { statements: 1, promises: 1, bytes: 4980 },
    "save of a changed column": { statements: 1, promises: 3, bytes: 6630 },
    "bulkUpdate of 1000": { statements: 1002, promises: 38, bytes: 6200 },
    "saveAll of 1000": { statements: 3, promises: 33, bytes: 8720 },
    "a transaction of ten statements": { statements: 12, promises: 41, bytes: 7420 },
    "prefetch one to many": { statements: 2, promises: 16, bytes: 4190 },
    "prefetch many to one": { statements: 2, promises: 16, bytes: 2300 },
    "prefetch many to many": { statements: 2, promises: 16, bytes: 3600 },
    "prefetch three levels": { statements: 4, promises: 48, bytes: 17670 },
  },
  postgres: {
    "find by key": { statements: 1, promises: 7, bytes: 25420 },
    "getInstances by a condition": { statements: 1, promises: 5, bytes: 23180 },
    "a page of 20 rows": { statements: 1, promises: 6, bytes: 3380 },
    "all 1000 rows": { statements: 1, promises: 7, bytes: 1950 },
    "all 1000 rows as items": { statements: 1, promises: 5, bytes: 1920 },
    count: { statements: 1, promises: 5, bytes: 18780 },
    insert: { statements: 1, promises: 5, bytes: 23650 },
    "insertMany of 1000": { statements: 1, promises: 9, bytes: 4610 },
    "update by key": { statements: 1, promises: 5, bytes: 17590 },
    "save of a changed column": { statements: 1, promises: 7, bytes: 19210 },
    "bulkUpdate of 1000": { statements: 3, promises: 71, bytes: 5860 },
    "saveAll of 1000": { statements: 3, promises: 79, bytes: 9960 },
    "a transaction of ten statements": { statements: 12, promises: 210, bytes: 32750 },
    "prefetch one to many": { statements: 2, promises: 25, bytes: 7420 },
    "prefetch many to one": { statements: 2, promises: 25, bytes: 3910 },
    "prefetch many to many": { statements: 2, promises: 24, bytes: 6100 },
    "prefetch three levels": { statements: 4, promises: 63, bytes: 27260 },
  },
  prepared: 1,
  keptPrepared: 500,
  heldPerShape: 50,
  instantiations: 133_000,
};
