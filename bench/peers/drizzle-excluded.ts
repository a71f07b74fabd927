import { sql } from "drizzle-orm";

/** What an upsert sets: the values that were to be inserted. */
export const excluded = {
  name: sql`excluded.name`,
  email: sql`excluded.email`,
  active: sql`excluded.active`,
  numProducts: sql`excluded.num_products`,
  createdAt: sql`excluded.created_at`,
};
