import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eachEngine } from "../support/engines.js";
import { ROOT, runNode } from "./workshop.js";

describe("examples/tracing.ts", () => {
  eachEngine(({ dialect, url: fresh }) => {
    it("prints a span for each statement, by OpenTelemetry's conventions, under the one around them (B11)", async () => {
      const env = { DATABASE_URL: await fresh() };
      const { code, stdout, stderr } = await runNode(["--import", "tsx", "examples/tracing.ts"], { cwd: ROOT, env });
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      const lines = stdout.split("\n");
      assert.deepEqual(
        lines.filter((line) => /^(?: {2})?\S/.test(line)),
        [
          "1 book",
          "  insert example_authors",
          "  insert example_books",
          "  insert example_authors",
          "  select example_authors",
          "  select example_books",
          "GET /authors",
        ],
      );
      const attribute = (name: string) => lines.filter((line) => line.startsWith(`      ${name}: `)).length;
      assert.equal(attribute("db.system.name"), 5);
      assert.equal(attribute("db.query.text"), 5);
      assert.equal(attribute("db.response.returned_rows"), 2);
      assert.equal(attribute("error.type"), 1);
      assert.equal(attribute("server.address"), dialect === "postgres" ? 5 : 0);
      assert.equal(stdout.includes("Ursula"), false);
    });
  });
});
