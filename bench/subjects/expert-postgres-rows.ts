import { parseTimestamp } from "./timestamp.js";
import { UserRecord } from "./user-record.js";

export type Row = [string, string, string, string, string | null, string];
export const fields = "id, name, email, active, num_products, created_at";

const asText = (text: string): string => text;
/** Every value as the server's text. */
export const types = { getTypeParser: () => asText };

export function toUser(row: Row): UserRecord {
  const numProducts = row[4] === null ? null : +row[4];
  return new UserRecord(+row[0], row[1], row[2], row[3] === "t", numProducts, parseTimestamp(row[5]));
}

/** A statement that is prepared once, by its name; its rows are arrays. */
export function statement(name: string, text: string) {
  return (values: (string | number | null)[]) => ({ name, text, values, rowMode: "array" as const, types });
}
