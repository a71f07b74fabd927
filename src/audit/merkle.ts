import { crypto } from "../crypto.js";

/*
 * The tree of hashes of RFC 6962: a leaf is the hash of 0x00 and the id's text, a node that of 0x01 and the two below it; of
 * n leaves the left side has the largest power of two that is less than n. So no node can pass for a leaf.
 */

/** One step of a proof: the hash beside, and its side. */
export interface ProofStep {
  readonly side: "left" | "right";
  /** SHA-256 in hex. */
  readonly hash: string;
}

/** That an id is one of those that a head was made of: what stands beside the way from it to the top. */
export interface Proof {
  readonly id: string;
  readonly steps: readonly ProofStep[];
}

interface Subtree {
  readonly hash: Buffer;
  readonly size: number;
  /** The way from the id that is looked for, where it is in this tree. */
  readonly steps: readonly ProofStep[] | undefined;
}

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = crypto().createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
const leafOf = (id: string): Buffer => sha256(LEAF, id);

function joined(left: Subtree, right: Subtree): Subtree {
  const beside = ({ hash }: Subtree, side: ProofStep["side"]): ProofStep => ({ side, hash: hash.toString("hex") });
  const steps =
    left.steps !== undefined
      ? [...left.steps, beside(right, "right")]
      : right.steps && [...right.steps, beside(left, "left")];
  return { hash: sha256(NODE, left.hash, right.hash), size: left.size + right.size, steps };
}

/** Grows with each id that is added, in the order in which they are; holds one hash for each power of two. */
export class MerkleTree {
  readonly #subtrees: Subtree[] = [];
  readonly #wanted: string | undefined;

  /** @param wanted the id that is to be proved */
  constructor(wanted?: string) {
    this.#wanted = wanted;
  }

  add(id: string): void {
    let tree: Subtree = { hash: leafOf(id), size: 1, steps: id === this.#wanted ? [] : undefined };
    for (let last = this.#subtrees.at(-1); last?.size === tree.size; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      tree = joined(last, tree);
    }
    this.#subtrees.push(tree);
  }

  /** The hash of all, in hex; of none, that of nothing. */
  head(): string {
    return (this.#top()?.hash ?? sha256()).toString("hex");
  }

  /** The proof of the id that was wanted; undefined where it was not added. */
  proof(): Proof | undefined {
    const steps = this.#top()?.steps;
    return steps === undefined || this.#wanted === undefined ? undefined : { id: this.#wanted, steps };
  }

  #top(): Subtree | undefined {
    return this.#subtrees.length === 0 ? undefined : this.#subtrees.reduceRight((right, left) => joined(left, right));
  }
}

/** Whether a proof leads from its id to the head. */
export function leadsTo({ id, steps }: Proof, head: string): boolean {
  let hash = leafOf(id);
  for (const step of steps) {
    const beside = Buffer.from(step.hash, "hex");
    hash = step.side === "left" ? sha256(NODE, beside, hash) : sha256(NODE, hash, beside);
  }
  return hash.toString("hex") === head;
}
