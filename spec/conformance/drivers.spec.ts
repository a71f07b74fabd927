import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe } from "node:test";
import type { Driver } from "../../src/drivers/driver.js";
import { sqliteDriver } from "../../src/drivers/sqlite.js";
import { eachEngine, NodeSqlite } from "../support/engines.js";
import { driverConformance } from "./suite.js";

eachEngine((engine) => {
  driverConformance("its driver", {
    ...engine,
    make: async (settings) => (await engine.fresh()).driver(settings),
  });
});

const skip =
  NodeSqlite === undefined && "this Node.js has no node:sqlite, or one that lacks what is needed; 22.16 has it";

describe("node:sqlite", { skip }, () => {
  const drivers: Driver[] = [];
  let directory: string | undefined;
  afterEach(async () => {
    for (const driver of drivers.splice(0)) await driver.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    directory = undefined;
  });

  const make = (path: string, timeout: number) => {
    if (NodeSqlite === undefined) throw new Error("skipped");
    const driver = sqliteDriver({ Database: NodeSqlite, path, timeout, readers: 4 });
    drivers.push(driver);
    return driver;
  };

  driverConformance("its driver for a file", {
    readsBesideWrites: true,
    writesSideBySide: false,
    async make({ timeout }) {
      directory = await mkdtemp(join(tmpdir(), "rowkeeper-"));
      return make(join(directory, "spec.db"), timeout);
    },
  });
  driverConformance("its driver in memory", {
    readsBesideWrites: false,
    writesSideBySide: false,
    make: async ({ timeout }) => make(":memory:", timeout),
  });
});
