import { SCOPE } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import { scopeOfInstance } from "../model/own-row.js";
import { isSaved, readColumn } from "../model/state.js";
import type { ColumnType } from "../sql/column-type.js";
import { bytes, text } from "../sql/columns.js";
import { sourceOf } from "../sql/source.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";
import { checkOptions, didYouMean, quoted } from "../text.js";
import { packDetails, unpackDetails } from "./canonical.js";
import { asStateful } from "./deleted-model.js";
import { type HashedClass, type HashedColumns, lateHashedClass } from "./hashed-class.js";
import { HashedManager } from "./hashed-manager.js";

const columns = {
  relatedModel: text(),
  relatedId: text(),
  details: bytes().nullable(),
};

type AttachmentClass = HashedClass<HashedColumns<typeof columns, false, false>, "attachments", false>;

const Base = lateHashedClass("attachments", columns, {
  indexes: [["relatedModel", "relatedId"]],
}) as unknown as AttachmentClass;

/**
 * A note on a record of any model: details that can't be changed without another id. It is stored in the table `attachments`,
 * and is to be bound to the database as other models are.
 *
 * ```ts
 * await new Attachment().attachTo(user).setDetails({ seen: true }).save();
 * ```
 */
export class Attachment extends Base {
  static override objects = new HashedManager<typeof Attachment>(this);

  #related: AnyInstance | null | undefined;

  /** The notes on a record, in the order of their ids. @throws TypeError for what is no instance */
  static async of(record: object): Promise<Attachment[]> {
    const { model, id } = recordKeyOf(record);
    const objects = this.objects.using({ [SCOPE]: scopeOfInstance(asStateful(record)) });
    return objects.getInstances({ where: { relatedModel: model, relatedId: id }, orderBy: "id" });
  }

  /** Says of which record this is. @throws TypeError for what is no instance, UsageError for one that isn't saved */
  attachTo(record: object): this {
    const { model, id } = recordKeyOf(record);
    this.relatedModel = model;
    this.relatedId = id;
    this.#related = record as AnyInstance;
    return this;
  }

  /**
   * Sets the details: null, booleans, finite numbers, text, bigints of 64 bits, dates, bytes, and lists and plain objects of
   * these.
   *
   * @throws TypeError for anything else
   */
  setDetails(details: unknown): this {
    this.details = details === null ? null : packDetails(details);
    return this;
  }

  /** The details, made anew of what is stored. */
  getDetails(): unknown {
    const { details } = this;
    return details === null || details === undefined ? null : unpackDetails(details);
  }

  /**
   * The record that this is attached to, or null where it is gone; kept until it is asked for with `{ reload: true }`.
   *
   * @throws UsageError where its class isn't bound to the database
   */
  async related(options: { readonly reload?: boolean } = {}): Promise<AnyInstance | null> {
    checkOptions("related()", options, ["reload"]);
    if (this.#related !== undefined && options.reload !== true) return this.#related;
    const scope = scopeOfInstance(asStateful(this));
    const models = scope.boundModels();
    const model = models.find(({ name }) => name === this.relatedModel);
    if (model === undefined) {
      const names = models.map(({ name }) => name);
      throw new UsageError(
        `no model ${quoted(this.relatedModel)} is bound to this database${didYouMean(this.relatedModel, names)}`,
      );
    }
    this.#related = (await new Manager(model)
      .using({ [SCOPE]: scope })
      .find(keyFrom(model, this.relatedId))) as AnyInstance | null;
    return this.#related;
  }
}

/** A record's class, and its key as text. @throws TypeError for what is no instance, UsageError for one without a stored row */
function recordKeyOf(record: unknown): { readonly model: string; readonly id: string } {
  const instance = asStateful(record);
  const { name } = instance.constructor;
  const { key } = sourceOf(instance.constructor).table;
  if (!isSaved(instance)) throw new UsageError(`this ${name} is not in the database; save() it first`);
  if (key.length === 0) throw new UsageError(`${name} has no primary key by which to find it again`);
  const parts = key.map((column) => textOf(readColumn(instance, column)));
  return { model: name, id: parts.length === 1 ? String(parts[0]) : JSON.stringify(parts) };
}

/** A key as `find` takes it, of the text that was kept. */
function keyFrom(model: AnyModel, id: string): never {
  const { key } = sourceOf(model).table;
  const parts: readonly string[] = key.length === 1 ? [id] : JSON.parse(id);
  const values = key.map(({ property, type }, i): [string, unknown] => {
    const part = parts[i] ?? "";
    return [property, keyValue(type.kind, part)];
  });
  return (values.length === 1 ? values[0]?.[1] : Object.fromEntries(values)) as never;
}

/** A value of a key as text that is the same for the same value on both engines. */
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}

function keyValue(kind: ColumnType["kind"], part: string): unknown {
  switch (kind) {
    case "integer":
    case "real":
      return Number(part);
    case "bigint":
      return BigInt(part);
    case "boolean":
      return part === "true";
    case "timestamp":
      return new Date(part);
    case "bytes":
      return Buffer.from(part, "hex");
    default:
      return part;
  }
}
