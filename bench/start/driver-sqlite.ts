import SQLite from "better-sqlite3";
import type { User } from "../subject.js";
import type { Open } from "./first-row.js";

/** better-sqlite3 alone, its rows as they come. */
export const open: Open = async (location) => {
  const db = new SQLite(location);
  db.pragma("journal_mode = wal");
  return {
    async find(id) {
      const row = db
        .prepare<[number], User>("select id, name, email, num_products as numProducts from users where id = ?")
        .get(id);
      if (row === undefined) throw new RangeError("no such user");
      return row;
    },
    async close() {
      db.close();
    },
  };
};
