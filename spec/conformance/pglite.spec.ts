import { after, afterEach, before, describe } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { pgliteDriver } from "../../examples/pglite/driver.js";
import type { Driver } from "../../src/drivers/driver.js";
import { driverConformance } from "./suite.js";

describe("examples/pglite", () => {
  let db: PGlite;
  const drivers: Driver[] = [];
  before(async () => {
    db = await PGlite.create();
  });
  afterEach(async () => {
    for (const driver of drivers.splice(0)) await driver.close();
    await db.exec("drop schema public cascade; create schema public");
  });
  after(() => db.close());

  driverConformance("its driver", {
    readsBesideWrites: false,
    writesSideBySide: false,
    async make(settings) {
      const driver = pgliteDriver(db, settings);
      drivers.push(driver);
      return driver;
    },
  });
});
