import { sourceOf } from "../sql/source.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";
import { defaultKey, Relation, referredBy, sameRelation } from "./relation.js";

/** The one instance whose key this instance holds. */
export class BelongsTo<S extends AnyModel> extends Relation<S> {
  #loaded: { readonly key: unknown; readonly instance: InstanceType<S> | null } | undefined;

  get isLoaded(): boolean {
    const key = this.#key;
    return key === null || key === undefined || this.#loaded?.key === key;
  }

  /** The instance, or null where the key is null or refers to nothing; loaded once for a key. */
  async fetch(): Promise<InstanceType<S> | null> {
    if (!this.isLoaded) await this.reload();
    return this.secondary;
  }

  /** The instance as it was loaded. @throws RelationNotLoadedError where it was not */
  get secondary(): InstanceType<S> | null {
    if (!this.isLoaded) throw this.notLoaded("fetch");
    const key = this.#key;
    return key === null || key === undefined ? null : (this.#loaded?.instance ?? null);
  }

  async reload(): Promise<this> {
    const key = this.#key;
    if (key === null || key === undefined) return this;
    const instance = await this.manager.getInstance({ where: [this.#referred.reference.eq(key)] });
    this.#loaded = { key, instance };
    return this;
  }

  /** The column of the other model that the key refers to. */
  get #referred(): TableColumn {
    const { table } = sourceOf(this.secondaryModel);
    return referredBy(sourceOf(this.owner.constructor).table.column(this.keyProperty), table);
  }

  get #key(): unknown {
    return Reflect.get(this.owner, this.keyProperty);
  }
}

/**
 * The relation to the model whose key this instance holds, for a getter: `get author() { return belongsTo(this, User); }`.
 *
 * @param key the property that holds the key; default `<model>Id`
 * @throws TypeError where there is no such column
 */
export function belongsTo<P extends AnyInstance, S extends AnyModel>(
  owner: P,
  model: S,
  key: keyof P["data"] & string = defaultKey(model) as keyof P["data"] & string,
): BelongsTo<S> {
  return sameRelation<BelongsTo<S>>(owner, BelongsTo<S>, model, key, () => {
    sourceOf(owner.constructor).table.column(key);
    return new BelongsTo(owner, model, key);
  });
}
