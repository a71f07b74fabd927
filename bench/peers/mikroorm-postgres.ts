import { MikroORM, type PostgreSqlDriver, type SqlEntityManager } from "@mikro-orm/postgresql";
import type { OpenSubject } from "../subject.js";
import { entitiesOf } from "./mikroorm-entities.js";
import { subjectOf } from "./mikroorm-subject.js";

export const open: OpenSubject = async (location) => {
  const orm = await MikroORM.init<PostgreSqlDriver, SqlEntityManager<PostgreSqlDriver>>({
    clientUrl: location,
    pool: { max: 10 },
    entities: entitiesOf("postgres"),
  });
  return subjectOf(orm);
};
