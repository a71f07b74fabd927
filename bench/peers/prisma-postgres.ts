import { PrismaPg } from "@prisma/adapter-pg";
import type { OpenSubject } from "../subject.js";
import type * as Client from "./prisma/generated/sqlite/client.js";
import { subjectOf } from "./prisma-subject.js";

// The types of the two clients don't fit each other, though all that is used of them is the same.
const client = new URL("./prisma/generated/postgres/client.js", import.meta.url).href;
const { PrismaClient }: typeof Client = await import(client);

/** Names for prepared statements, so that pg keeps them. */
function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    let name = names.get(sql);
    if (name === undefined) {
      name = `statement${names.size}`;
      names.set(sql, name);
    }
    return name;
  };
}

/** The adapter writes times in UTC without saying so. */
export const open: OpenSubject = async (location) => {
  const pool = { connectionString: location, max: 10, options: "-c timezone=UTC" };
  const adapter = new PrismaPg(pool, { statementNameGenerator: statementNames() });
  return subjectOf(new PrismaClient({ adapter }));
};
