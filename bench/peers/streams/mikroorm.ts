import { defineEntity, MikroORM, p } from "@mikro-orm/core";
import { PostgreSqlDriver } from "@mikro-orm/postgresql";
import { SqliteDriver } from "@mikro-orm/sqlite";
import { inBatches, type OpenReader } from "../../memory/reader.js";

const User = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p.integer().primary(),
    name: p.text(),
    email: p.text(),
    active: p.boolean(),
    numProducts: p.integer().strictNullable().name("num_products"),
    createdAt: p.datetime().name("created_at"),
  },
});

/** Entities, by Kysely's stream. */
export const open: OpenReader = async (location) => {
  const isPostgres = location.includes("://");
  const orm = isPostgres
    ? await MikroORM.init({ driver: PostgreSqlDriver, clientUrl: location, entities: [User] })
    : await MikroORM.init({ driver: SqliteDriver, dbName: location, entities: [User] });
  return {
    batches: (limit) => inBatches(orm.em.fork().stream(User, { limit })),
    close: () => orm.close(),
  };
};
