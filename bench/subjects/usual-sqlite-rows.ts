import { UserRecord } from "./user-record.js";

export interface Row {
  id: number;
  name: string;
  email: string;
  active: number;
  num_products: number | null;
  created_at: string;
}

export function toUser(row: Row): UserRecord {
  return new UserRecord(row.id, row.name, row.email, row.active === 1, row.num_products, new Date(row.created_at));
}
