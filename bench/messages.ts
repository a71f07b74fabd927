/** What the bench asks of a child process. */
export type Request =
  | { readonly kind: "check"; readonly count: number }
  | { readonly kind: "round"; readonly operations: number }
  | { readonly kind: "close" };

/** What the child says when it has done it: `ready` once at the start. */
export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "answers"; readonly answers: readonly string[] }
  | { readonly kind: "timed"; readonly milliseconds: number }
  | { readonly kind: "closed" }
  | { readonly kind: "unsupported"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };
