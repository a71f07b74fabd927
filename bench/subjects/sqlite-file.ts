import Database from "better-sqlite3";

/** A connection with the settings that every subject has; WAL is kept in the file. */
export function openFile(path: string): Database.Database {
  const db = new Database(path);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  db.pragma("foreign_keys = on");
  return db;
}
