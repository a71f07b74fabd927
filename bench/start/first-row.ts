import type { User } from "../subject.js";

/** What can find a row: every subject, and the drivers of this folder. */
export interface Opened {
  find(id: number): Promise<Omit<User, "active" | "createdAt">>;
  close(): Promise<void>;
}

/** Opens it on a database that holds the tables: a file's path, or a URL. */
export type Open = (location: string) => Promise<Opened>;
