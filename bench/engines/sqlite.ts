import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ddl, grow, postValues, rowCount, tagCount, tagIdsOf, tagName, userValues } from "../schema.js";
import { openFile } from "../subjects/sqlite-file.js";
import type { Engine, FreshDatabase } from "./engine.js";

/** SQLite files, each a copy of one template. */
export async function startSqlite(): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), "rowkeeper-bench-"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  process.once("exit", remove);
  const template = join(directory, "template.db");
  const version = fillTemplate(template);
  let count = 0;

  return {
    version,
    settings: "a file, WAL, synchronous=normal, foreign_keys on",
    async fresh() {
      const path = join(directory, `${++count}.db`);
      copyFileSync(template, path);
      return databaseAt(path);
    },
    async stop() {
      process.off("exit", remove);
      remove();
    },
  };
}

function fillTemplate(path: string): string {
  const db = openFile(path);
  for (const statement of ddl.sqlite) db.exec(statement);
  const insertUser = db.prepare(
    "insert into users (name, email, active, num_products, created_at) values (?, ?, ?, ?, ?)",
  );
  const insertTag = db.prepare("insert into tags (name) values (?)");
  const insertPost = db.prepare("insert into posts (title, author_id) values (?, ?)");
  const insertPostTag = db.prepare("insert into post_tags (post_id, tag_id) values (?, ?)");
  db.transaction(() => {
    for (let number = 1; number <= rowCount; number++) {
      const { name, email, active, numProducts, createdAt } = userValues(number);
      insertUser.run(name, email, active ? 1 : 0, numProducts, createdAt.toISOString());
    }
    for (let id = 1; id <= tagCount; id++) insertTag.run(tagName(id));
    for (let number = 1; number <= rowCount; number++) {
      const { title, authorId } = postValues(number);
      insertPost.run(title, authorId);
      for (const tagId of tagIdsOf(number)) insertPostTag.run(number, tagId);
    }
  })();
  // No `analyze`: new databases have no statistics, and with them SQLite plans `active = 1` and `active = ?` differently.
  db.pragma("wal_checkpoint(truncate)");
  const version = db.prepare<[], string>("select sqlite_version()").pluck().get() ?? "";
  db.close();
  return version;
}

function databaseAt(path: string): FreshDatabase {
  return {
    location: path,
    async contents() {
      const db = openFile(path);
      try {
        return db
          .prepare<[], string>(
            "select json_array(id, name, email, active, num_products, created_at) from users order by id",
          )
          .pluck()
          .all()
          .join("\n");
      } finally {
        db.close();
      }
    },
    async grow(rows) {
      const db = openFile(path);
      db.exec(grow.sqlite(rowCount + 1, rows));
      db.pragma("wal_checkpoint(truncate)");
      db.close();
    },
    async drop() {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    },
  };
}
