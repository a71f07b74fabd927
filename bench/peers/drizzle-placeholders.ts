import { type Placeholder, sql } from "drizzle-orm";
import type { User, UserValues } from "../subject.js";

const columns = ["name", "email", "active", "numProducts", "createdAt"] as const;
type Placeholders<K extends string> = Record<K, Placeholder>;

/** Rows of placeholders for an insert of so many. */
export function userPlaceholders(count: number): Placeholders<keyof UserValues>[] {
  return Array.from({ length: count }, (_, index) => ({
    name: sql.placeholder(`name${index}`),
    email: sql.placeholder(`email${index}`),
    active: sql.placeholder(`active${index}`),
    numProducts: sql.placeholder(`numProducts${index}`),
    createdAt: sql.placeholder(`createdAt${index}`),
  }));
}

/** The same, with the ids. */
export function savedPlaceholders(count: number): Placeholders<keyof User>[] {
  return userPlaceholders(count).map((row, index) => ({ id: sql.placeholder(`id${index}`), ...row }));
}

/** What the placeholders stand for. */
export function valuesOf(users: readonly (UserValues | User)[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [index, user] of users.entries()) {
    if ("id" in user) values[`id${index}`] = user.id;
    for (const column of columns) values[`${column}${index}`] = user[column];
  }
  return values;
}
