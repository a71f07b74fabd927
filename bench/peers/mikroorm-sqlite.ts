import { MikroORM } from "@mikro-orm/sqlite";
import type { OpenSubject } from "../subject.js";
import { entitiesOf } from "./mikroorm-entities.js";
import { subjectOf } from "./mikroorm-subject.js";

/** Foreign keys are on unasked. */
export const open: OpenSubject = async (location) => {
  const orm = await MikroORM.init({ dbName: location, entities: entitiesOf("sqlite") });
  const connection = orm.em.getConnection();
  await connection.execute("pragma journal_mode = wal");
  await connection.execute("pragma synchronous = normal");
  return subjectOf(orm);
};
