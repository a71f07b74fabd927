import { DataSource, EntitySchema } from "typeorm";
import { inBatches, type OpenReader } from "../../memory/reader.js";
import { UserRecord } from "../../subjects/user-record.js";

interface Row {
  user_id: number;
  user_name: string;
  user_email: string;
  user_active: boolean;
  user_num_products: number | null;
  user_created_at: Date;
}

const User = new EntitySchema({
  name: "User",
  tableName: "users",
  columns: {
    id: { type: "integer", primary: true },
    name: { type: "text" },
    email: { type: "text" },
    active: { type: "boolean" },
    numProducts: { type: "integer", name: "num_products", nullable: true },
    createdAt: { type: "timestamp with time zone", name: "created_at" },
  },
});

/** By pg-query-stream; it gives rows, no entities, and on SQLite nothing. */
export const open: OpenReader = async (location) => {
  const source = await new DataSource({ type: "postgres", url: location, entities: [User] }).initialize();

  async function* stream(limit: number): AsyncGenerator<UserRecord> {
    const rows: AsyncIterable<Row> = await source.getRepository(User).createQueryBuilder("user").limit(limit).stream();
    for await (const row of rows) {
      yield new UserRecord(
        row.user_id,
        row.user_name,
        row.user_email,
        row.user_active,
        row.user_num_products,
        row.user_created_at,
      );
    }
  }

  return { batches: (limit) => inBatches(stream(limit)), close: () => source.destroy() };
};
