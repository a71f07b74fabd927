import { UsageError } from "../errors.js";
import { type ForeignKey, labelOf } from "../sql/foreign-keys.js";
import type { Table, TableColumn } from "../sql/table.js";

const propertiesOf = (columns: readonly TableColumn[]): string => columns.map(({ property }) => property).join(", ");

/** The columns of the other table that a foreign key refers to. @throws UsageError where they are no key of it */
export function referredBy(key: ForeignKey<TableColumn>, target: Table): readonly TableColumn[] {
  const referred = key.referenced?.map((property) => target.column(property)) ?? target.key;
  if (referred.length !== key.columns.length) {
    const say = key.columns.length === 1 ? "{ column: … }, or foreignKeys of the table" : "{ referenced: […] }";
    throw new UsageError(
      `${labelOf(key)} refers to ${target.name}, whose key is not ${key.columns.length} columns but ${referred.length}; say ${say}`,
    );
  }
  const isKey = target.keys.some(
    (unique) => unique.every((column) => referred.includes(column)) && unique.length === referred.length,
  );
  if (!isKey)
    throw new UsageError(
      `${labelOf(key)} refers to ${target.name} by ${propertiesOf(referred)}, which is neither its key nor unique`,
    );
  return referred;
}
