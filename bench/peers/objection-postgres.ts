import knex from "knex";
import type { OpenSubject } from "../subject.js";
import { User } from "./objection-models.js";
import { subjectOf } from "./objection-subject.js";

export const open: OpenSubject = async (location) => {
  const connection = { connectionString: location, pipeline: true };
  return subjectOf(knex({ client: "pg", connection, pool: { min: 0, max: 10 } }), {
    chunkSize: 1000,
    insert: async (values, trx) => User.query(trx).insert([...values]),
    async save(users, trx) {
      await User.query(trx)
        .insert([...users])
        .onConflict("id")
        .merge();
    },
  });
};
