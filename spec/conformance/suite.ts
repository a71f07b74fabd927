import { describe } from "node:test";
import { connectionSpecs } from "./connections.js";
import { cursorSpecs } from "./cursors.js";
import { errorSpecs } from "./errors.js";
import { statementSpecs } from "./statements.js";
import type { Subject } from "./subject.js";
import { transactionSpecs } from "./transactions.js";

/** What every driver keeps, in one suite: `driverConformance("PGlite", { make, … })`. */
export function driverConformance(name: string, subject: Subject): void {
  describe(`${name} conforms`, () => {
    statementSpecs(subject);
    transactionSpecs(subject);
    cursorSpecs(subject);
    connectionSpecs(subject);
    errorSpecs(subject);
  });
}
