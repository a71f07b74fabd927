import pg from "pg";
import type { User } from "../subject.js";
import type { Open } from "./first-row.js";

/** pg alone, its rows as they come. */
export const open: Open = async (location) => {
  const pool = new pg.Pool({ connectionString: location });
  return {
    async find(id) {
      const text = `select id, name, email, num_products as "numProducts" from users where id = $1`;
      const { rows } = await pool.query<User>(text, [id]);
      const [row] = rows;
      if (row === undefined) throw new RangeError("no such user");
      return row;
    },
    close: () => pool.end(),
  };
};
