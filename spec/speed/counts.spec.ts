import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { eachEngine } from "../support/engines.js";
import { CEILINGS } from "./ceilings.js";
import { countInstantiations } from "./compiler.js";
import type { Measured } from "./counts.js";
import { measure } from "./measure.js";

const HOW = "npx tsx spec/speed/print.ts prints what is counted now; see ceilings.ts";

eachEngine((engine) => {
  if (engine.name === "sqlite memory") return; // As a file, but for the file.
  const ceilings = CEILINGS[engine.dialect];
  let measured: Measured;

  before(async () => {
    measured = await measure((await engine.shared()).url);
  });

  for (const [name, ceiling] of Object.entries(ceilings)) {
    const { statements, promises, bytes } = ceiling;
    test(`${name} takes statements: ${statements}, promises: ≤ ${promises}, bytes a row: ≤ ${bytes}`, () => {
      const counts = measured.operations[name as keyof typeof ceilings];
      const isRight = counts.statements === statements && counts.promises <= promises && counts.bytes <= bytes;
      assert.ok(isRight, `${name} took ${JSON.stringify(counts)}; ${HOW}`);
    });
  }

  test(`an instance that is kept holds at most ${CEILINGS.heldPerInstance[engine.dialect]} bytes`, () => {
    assert.ok(
      measured.heldPerInstance <= CEILINGS.heldPerInstance[engine.dialect],
      `${measured.heldPerInstance}; ${HOW}`,
    );
  });

  test("what is kept of selects is bounded, whatever their shapes", () => {
    assert.ok(measured.heldPerShape <= CEILINGS.heldPerShape, `${measured.heldPerShape} bytes for each more`);
  });
});

describe("the compiler", () => {
  test(`takes at most ${CEILINGS.instantiations} instantiations for 50 models and 500 queries`, async () => {
    const instantiations = await countInstantiations();
    assert.ok(instantiations <= CEILINGS.instantiations, `${instantiations}; ${HOW}`);
  });
});
