import type Database from "better-sqlite3";
import knex from "knex";
import type { OpenSubject } from "../subject.js";
import { User } from "./objection-models.js";
import { subjectOf } from "./objection-subject.js";
import { present } from "./rows.js";

function configure(db: Database.Database, done: (error: Error | null, db: Database.Database) => void): void {
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  db.pragma("foreign_keys = on");
  done(null, db);
}

/** Objection inserts one by one on SQLite, so what writes many goes by knex, whose rows are made instances again. */
export const open: OpenSubject = async (location) => {
  const db = knex({
    client: "better-sqlite3",
    connection: { filename: location },
    useNullAsDefault: true,
    pool: { afterCreate: configure },
  });
  return subjectOf(db, {
    // `select … union all select …` takes 500 at most.
    chunkSize: 250,
    async insert(values, trx) {
      const users = values.map((value) => User.fromJson(value));
      const rows: { id: number }[] = await trx("users")
        .insert(users.map((user) => user.$toDatabaseJson()))
        .returning("id");
      for (const [index, { id }] of rows.entries()) present(users[index]).id = id;
      return users;
    },
    async save(users, trx) {
      const rows = users.map((user) => User.fromJson(user).$toDatabaseJson());
      await trx("users").insert(rows).onConflict("id").merge();
    },
  });
};
