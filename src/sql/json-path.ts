import { isStorableText, kindOf } from "../text.js";
import type { Codec } from "./codec.js";
import { BOOLEAN, computed, JSON_VALUE, REAL, TEXT } from "./computed.js";
import type { ValueInfo } from "./value-info.js";
import type { SqlWriter } from "./writer.js";

/** A key of an object, or a place in a list. */
export type PathStep = string | number;

/** What JSON can be read as. */
export type JsonScalar = "text" | "real" | "boolean";

const SCALARS: Record<JsonScalar, Codec> = { text: TEXT, real: REAL, boolean: BOOLEAN };

/** A value inside JSON, which remembers where it came from, so that a path in it is one path. */
interface JsonPathInfo extends ValueInfo {
  readonly of: ValueInfo;
  readonly steps: readonly PathStep[];
}

/** Whether a value is one inside JSON. */
export function isJsonPath(info: ValueInfo): info is JsonPathInfo {
  return "steps" in info;
}

function checkJson(info: ValueInfo, method: string): void {
  const { kind } = info.codec.type;
  if (kind !== "json") throw new TypeError(`${method}() wants JSON, and ${info.label} is ${kind}`);
}

function checkStep({ label }: ValueInfo, step: unknown): void {
  const isKey = typeof step === "string" && isStorableText(step);
  const isPlace = typeof step === "number" && Number.isInteger(step) && Math.abs(step) < 2 ** 31;
  if (!isKey && !isPlace) throw new TypeError(`${label}: a path is of keys and whole numbers, not ${kindOf(step)}`);
}

/** @throws TypeError where it is no JSON, or a step is no key and no place */
export function jsonPath(info: ValueInfo, steps: readonly PathStep[]): ValueInfo {
  checkJson(info, "path");
  for (const step of steps) checkStep(info, step);
  const of = isJsonPath(info) ? info.of : info;
  const all = isJsonPath(info) ? [...info.steps, ...steps] : steps;
  if (all.length === 0) throw new TypeError(`${info.label}: path() wants at least one key or place`);
  const value = computed(JSON_VALUE, `${of.label}.path`, (writer) => {
    const { before, parts, after } = writer.dialect.jsonPath(all);
    writer.write(before);
    of.writeTo(writer);
    for (const part of parts) writer.write(part.before).bind(part.value).write(part.after);
    writer.write(after);
  });
  const path: JsonPathInfo = { ...value, of, parts: [of], steps: all };
  return path;
}

/** The value where it is of this type, else null. @throws TypeError where it is no JSON */
export function jsonScalar(info: ValueInfo, kind: JsonScalar): ValueInfo {
  checkJson(info, "as");
  const writeTo = (writer: SqlWriter) =>
    void writer.between(writer.dialect.jsonScalar(kind), () => info.writeTo(writer));
  return computed(SCALARS[kind], info.label, writeTo, true, [info]);
}
