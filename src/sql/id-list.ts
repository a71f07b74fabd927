import { UsageError } from "../errors.js";
import { isStorableText, kindOf } from "../text.js";
import { isTextKind } from "./column-type.js";
import { Condition, NEVER } from "./conditions.js";
import { TableColumn } from "./table.js";
import type { ValueInfo } from "./value-info.js";
import type { SqlWriter } from "./writer.js";

/**
 * A text of ids joined by commas has this id, as a whole one. A text without any has none.
 *
 * @throws TypeError where the ids are no text, or the id is neither a column nor a text, a number or a bigint
 * @throws UsageError for an id with a comma, which no such list can have
 */
export function holdsId(ids: ValueInfo, id: TableColumn | string | number | bigint): Condition {
  const { kind } = ids.codec.type;
  if (!isTextKind(kind)) throw new TypeError(`${ids.label} is to hold ids joined by commas, and is ${kind}`);
  if (!(id instanceof TableColumn) && String(id) === "") return NEVER;
  const writeId = id instanceof TableColumn ? columnWriter(id) : boundWriter(ids, id);
  return new Condition((writer) => {
    writer.write(`${writer.dialect.position}(',' || nullif(`);
    ids.writeTo(writer);
    writeId(writer.write(", '') || ',', "));
    writer.write(") > 0");
  }, ids);
}

function columnWriter(id: TableColumn): (writer: SqlWriter) => void {
  const [before, after] = isTextKind(id.type.kind) ? ["", ""] : ["cast(", " as text)"];
  return (writer) => {
    id.writeTo(writer.write(`',' || ${before}`));
    writer.write(`${after} || ','`);
  };
}

function boundWriter({ label }: ValueInfo, id: unknown): (writer: SqlWriter) => void {
  if (typeof id !== "string" && typeof id !== "number" && typeof id !== "bigint")
    throw new TypeError(`${label} holds ids, of which ${kindOf(id)} is none`);
  const text = String(id);
  if (!isStorableText(text)) throw new TypeError(`${label} holds ids without NUL or lone surrogates`);
  if (text.includes(",")) throw new UsageError(`${label} holds ids joined by commas, so that none of them has one`);
  return (writer) => void writer.bind(`,${text},`);
}
