import { Sequelize } from "sequelize";
import sqlite3 from "sqlite3";
import type { OpenSubject } from "../subject.js";
import { defineModels } from "./sequelize-models.js";
import { subjectOf } from "./sequelize-subject.js";

/** Sequelize opens a connection for each transaction, which has the settings of all subjects so. */
class Connection extends sqlite3.Database {
  constructor(path: string, mode: number, opened: (error: Error | null) => void) {
    super(path, mode, opened);
    this.run("pragma synchronous = normal");
  }
}

/** Foreign keys are on unasked, and WAL is kept in the file. */
export const open: OpenSubject = async (location) => {
  const sequelize = new Sequelize({
    dialect: "sqlite",
    storage: location,
    dialectModule: { ...sqlite3, Database: Connection },
    logging: false,
  });
  await sequelize.query("pragma journal_mode = wal");
  defineModels(sequelize, "sqlite");
  return subjectOf(sequelize);
};
