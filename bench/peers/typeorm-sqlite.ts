import type Database from "better-sqlite3";
import { DataSource } from "typeorm";
import type { OpenSubject } from "../subject.js";
import { entitiesOf } from "./typeorm-entities.js";
import { subjectOf } from "./typeorm-subject.js";

/** Foreign keys are on unasked. */
export const open: OpenSubject = async (location) => {
  const source = new DataSource({
    type: "better-sqlite3",
    database: location,
    enableWAL: true,
    prepareDatabase: (db: Database.Database) => {
      db.pragma("synchronous = normal");
    },
    entities: entitiesOf("sqlite"),
  });
  return subjectOf(await source.initialize(), "sqlite");
};
