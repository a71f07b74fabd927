import { hash } from "node:crypto";
import { Packr } from "msgpackr";
import type { UserValues } from "../subject.js";

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The id of a row of `hashed_users`, by hand: the columns in the order of their names, without nulls. */
export function contentId({ active, createdAt, email, name, numProducts }: UserValues): string {
  const created_at = createdAt.getTime();
  const content =
    numProducts === null
      ? { active, created_at, email, name }
      : { active, created_at, email, name, num_products: numProducts };
  return hash("sha256", packr.pack(content), "hex");
}
