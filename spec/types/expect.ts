/*
 * The type tests: files that are never run, only compiled, by `npm run check`. What must be refused stands below a
 * `@ts-expect-error`; what must have a type is said by `Expect<Equal<…>>`.
 */

/** Whether two types are the same; `any` is the same only as `any`. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile but for `true`. */
export type Expect<T extends true> = T;

type Check<Expected> = <Actual>(value: Actual, ...same: Equal<Actual, Expected> extends true ? [] : [never]) => void;
type LooseCheck<Expected> = <Actual>(
  value: Actual,
  ...same: Equal<Simplify<Actual>, Simplify<Expected>> extends true ? [] : [never]
) => void;

/** Asserts, at a value, the type that the compiler gives it: `expectType<User[]>()(users)`. */
export function expectType<Expected>(): Check<Expected> {
  return () => undefined;
}

/** The same for plain objects, whose type may be put together of several: it is the properties that count. */
export function expectShape<Expected>(): LooseCheck<Expected> {
  return () => undefined;
}

type Simplify<T> = T extends readonly (infer Item)[] ? Simplify<Item>[] : { [K in keyof T]: T[K] } & {};

// biome-ignore lint/suspicious/noExplicitAny: what Equal must tell apart
type Anything = any;

// The tests' own tests.
export type Cases = [
  Expect<Equal<string, string>>,
  // @ts-expect-error any is not string
  Expect<Equal<string, Anything>>,
  // @ts-expect-error nor is string any
  Expect<Equal<Anything, string>>,
  // @ts-expect-error optional is not the same as undefined
  Expect<Equal<{ a?: string }, { a: string | undefined }>>,
  // @ts-expect-error nor is readonly the same as not
  Expect<Equal<{ readonly a: string }, { a: string }>>,
];

export function ownTests(name: string, anything: Anything, both: { a: string } & { b: number }) {
  expectType<string>()(name);
  expectShape<{ a: string; b: number }>()(both);
  // @ts-expect-error another type
  expectType<number>()(name);
  // @ts-expect-error any is not string
  expectType<string>()(anything);
  // @ts-expect-error one property too many
  expectShape<{ a: string }>()(both);
}
