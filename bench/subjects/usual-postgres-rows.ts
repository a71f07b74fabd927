import { UserRecord } from "./user-record.js";

export interface Row {
  id: number;
  name: string;
  email: string;
  active: boolean;
  num_products: number | null;
  created_at: Date;
}

export function toUser(row: Row): UserRecord {
  return new UserRecord(row.id, row.name, row.email, row.active, row.num_products, row.created_at);
}
