import { parseTimestamp } from "./timestamp.js";
import { UserRecord } from "./user-record.js";

export type Row = [number, string, string, number, number | null, string];
export const fields = "id, name, email, active, num_products, created_at";

export function toUser(row: Row): UserRecord {
  return new UserRecord(row[0], row[1], row[2], row[3] !== 0, row[4], parseTimestamp(row[5]));
}
