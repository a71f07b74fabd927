import { SCOPE } from "../database/scope.js";
import { NotFoundError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import { sourceOf } from "../sql/source.js";
import { selectFrom } from "../sql/statement.js";
import type { AnyModel } from "../sql/types.js";
import { kindOf } from "../text.js";
import { contentTableOf } from "./deleted-model.js";
import { MerkleTree, type Proof } from "./merkle.js";
import { type Problem, problemsOf } from "./verify.js";

/** How many ids are read together. */
const SIZE = 10_000;

/** The manager of a HashedModel; one of your own extends it. */
export class HashedManager<out M extends AnyModel> extends Manager<M> {
  /**
   * What is wrong with the model's rows, and with the records of those that were deleted, in bounded memory; none means that
   * all is well: each is what its id was made of, and none lacks the version before it.
   *
   * ```ts
   * for await (const { id, reason } of Entry.objects.verifyAll()) console.error(id, reason);
   * ```
   */
  verifyAll(): AsyncGenerator<Problem, void, undefined> {
    return problemsOf(this.model, this[SCOPE]);
  }

  /**
   * A digest over the ids of all rows, in hex: the top of a tree of hashes. Kept elsewhere, it shows any row that was
   * changed, added or taken out since.
   */
  async head(): Promise<string> {
    return (await this.#tree()).head();
  }

  /**
   * A short proof that a row is one of those that `head()` is of, for `verifyProof`.
   *
   * @throws NotFoundError where there is no row with this id
   */
  async prove(id: string): Promise<Proof> {
    if (typeof id !== "string") throw new TypeError(`the id of a ${this.model.name} is text, not ${kindOf(id)}`);
    const proof = (await this.#tree(id)).proof();
    if (proof === undefined) throw new NotFoundError(`there is no ${this.model.name} with this id to be proved`);
    return proof;
  }

  async #tree(wanted?: string): Promise<MerkleTree> {
    const scope = this[SCOPE];
    const { content } = contentTableOf(this.model);
    const { property } = content.key;
    const ids = selectFrom(sourceOf(this.model), [property]).orderBy(property).compile(scope.dialect);
    const tree = new MerkleTree(wanted);
    for await (const { rows } of scope.cursor(ids, SIZE)) for (const [id] of rows) tree.add(String(id));
    return tree;
  }
}
