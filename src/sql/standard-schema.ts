import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A schema of any library that follows https://standardschema.dev: zod, valibot, arktype, and models themselves. */
export type Schema = StandardSchemaV1;

/**
 * What a schema must be to check a column: it takes each of the column's values but null, and what it gives is a value of
 * the column. Else a sentence, for the compiler to show.
 */
export type SchemaFor<S extends Schema, Value> = [NonNullable<Value>] extends [StandardSchemaV1.InferInput<S>]
  ? [StandardSchemaV1.InferOutput<S>] extends [Value]
    ? S
    : "what the schema gives is no value of the column"
  : "the schema does not take every value of the column";

/** Whether it is a Standard Schema: an object, or a function as those of arktype and the classes of models are. */
export function isSchema(value: unknown): value is Schema {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && "~standard" in value;
}
