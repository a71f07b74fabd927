/** What is never taken for a relation is what instances have. Compiled, never run. */
import type { ModelInstance } from "../../src/index.js";
import type { InstanceMember } from "../../src/sql/relation-types.js";
import type { Equal, Expect } from "../types/expect.js";

export type Members = Expect<Equal<InstanceMember, Exclude<keyof ModelInstance<Record<never, never>>, symbol>>>;
