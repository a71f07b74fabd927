import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { QueryError } from "../../src/errors.js";
import { decodeTimestamp } from "../../src/sql/decode.js";

/** What PostgreSQL writes: no zeros at the end of the fraction. */
const asPostgres = (text: string) => text.replace("T", " ").replace(/\.?0*Z$/, "+00");

describe("a timestamp", () => {
  test("is read as it was written, in whichever order of days, by either engine (S21)", () => {
    const day = fc.integer({ min: 0, max: 3 }).map((days) => Date.UTC(1969, 11, 31) + days * 86_400_000);
    const time = fc.oneof(
      fc.date({
        min: new Date("1000-01-01T00:00:00Z"),
        max: new Date("9999-12-31T23:59:59.999Z"),
        noInvalidDate: true,
      }),
      fc.tuple(day, fc.integer({ min: -1, max: 86_400_000 })).map(([start, after]) => new Date(start + after)),
    );
    fc.assert(
      fc.property(fc.array(time), (times) => {
        for (const at of times)
          for (const text of [at.toISOString(), asPostgres(at.toISOString())])
            assert.equal(decodeTimestamp(text).getTime(), at.getTime(), text);
      }),
    );
  });

  test("of a form or a time that there is not is a QueryError without its text", () => {
    for (const text of [
      "2024-13-01T00:00:00.000Z",
      "2024-00-10T00:00:00.000Z",
      "2024-01-00T00:00:00.000Z",
      "2024-02-32T00:00:00.000Z",
      "2024-01-01T25:00:00.000Z",
      "2024-01-01T00:60:00.000Z",
      "2024-01-01T00:00:61.000Z",
      "2024-01-01T23:59:59x5Z",
      "2024-01-01T23:59x59Z",
      "2024-01-01T23:59:5x.000Z",
      "infinity",
    ])
      assert.throws(
        () => decodeTimestamp(text),
        (error) => error instanceof QueryError && !error.message.includes(text),
        text,
      );
  });
});
