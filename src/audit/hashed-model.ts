import type { DeclaredColumns, TableOptions } from "../sql/table.js";
import type { AnyColumns, KeptTimes, TableName } from "../sql/types.js";
import { Attachment } from "./attachment.js";
import { type HashedClass, type HashedColumns, makeHashedClass } from "./hashed-class.js";

/** Options of `HashedModel`. */
export type HashedOptions<T extends KeptTimes, H extends boolean> = Omit<
  TableOptions,
  "primaryKey" | "softDelete" | "timestamps"
> & {
  readonly timestamps?: T;
  /** Whether each version carries the id of the one before it, in `previousId`; default false. */
  readonly history?: H;
};

/** A model class whose rows' ids are the hashes of their content. */
export interface HashedStatics<C extends AnyColumns, N extends string, H extends boolean> extends HashedClass<C, N, H> {
  /** The notes that are attached to a row, in the order of their ids. */
  attachments(record: object): Promise<Attachment[]>;
}

/**
 * Makes the base class of a model whose rows' ids are the SHA-256 of their content, so that who changes a row behind
 * rowkeeper's back can be found out. An update of a hashed column makes a new record and keeps the old one in
 * `deleted_records`, and so does `delete()`.
 *
 * ```ts
 * class Page extends HashedModel("pages", { title: text(), views: integer().default(0).excludedFromHash() }) {}
 * const page = await Page.insert({ title: "a" });
 * await page.update({ title: "b" }); // has another id now
 * ```
 *
 * @throws UsageError for a column that the database fills in or changes, or that is called like one that is added
 */
export function HashedModel<
  const C extends AnyColumns,
  const N extends string = string,
  const T extends KeptTimes = false,
  const H extends boolean = false,
>(table: N, columns: C, options?: HashedOptions<T, H>): HashedStatics<HashedColumns<C, H, T>, TableName<N>, H>;
export function HashedModel(
  name: string,
  declared: DeclaredColumns,
  options: TableOptions & { readonly history?: boolean } = {},
): unknown {
  return Object.assign(makeHashedClass(name, declared, options), {
    attachments: (record: object) => Attachment.of(record),
  });
}
