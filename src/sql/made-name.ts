import { crypto } from "../crypto.js";

/** PostgreSQL cuts longer names off without an error. */
export const LONGEST_NAME = 63;

export const shortHash = (text: string): string => crypto().createHash("sha256").update(text).digest("hex").slice(0, 8);

/** A name made of parts, cut so that it stays unique where it would be too long. */
export function madeName(...parts: readonly string[]): string {
  const name = parts.join("_");
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const beginning = Buffer.from(name).subarray(0, 50).toString();
  return `${beginning.replace(/\ufffd+$/, "")}_${shortHash(name)}`;
}
