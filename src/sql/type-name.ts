import type { ColumnType } from "./column-type.js";

const PLAIN = [
  "integer",
  "bigint",
  "real",
  "text",
  "boolean",
  "timestamp",
  "date",
  "uuid",
  "json",
  "bytes",
] as const satisfies readonly ColumnType["kind"][];

/** A type in a few words: `uuid`, `varchar(20)`, `oneOf("a", "b")`, `integer[]`, and `integer?[]` where items may be null. */
export function typeName(type: ColumnType): string {
  switch (type.kind) {
    case "numeric":
      return type.precision === undefined ? "numeric" : `numeric(${type.precision}, ${type.scale ?? 0})`;
    case "varchar":
      return `varchar(${type.length})`;
    case "oneOf":
      return `oneOf(${type.values.map((value) => JSON.stringify(value)).join(", ")})`;
    case "array":
      return `${typeName(type.element)}${type.nullableElements ? "?" : ""}[]`;
    default:
      return type.kind;
  }
}

/** The type that `typeName` gave this name; undefined where it gave it to none. */
export function typeNamed(name: string): ColumnType | undefined {
  const list = /^(.*?)(\??)\[\]$/s.exec(name);
  if (list !== null) {
    const element = typeNamed(list[1] ?? "");
    if (element === undefined || element.kind === "array") return undefined;
    return { kind: "array", element, nullableElements: list[2] === "?" };
  }
  const call = /^(numeric|varchar|oneOf)\((.*)\)$/s.exec(name);
  if (call !== null) return typeCalled(call[1] ?? "", call[2] ?? "");
  if (name === "numeric") return { kind: "numeric", precision: undefined, scale: undefined };
  const kind = PLAIN.find((plain) => plain === name);
  return kind === undefined ? undefined : { kind };
}

function typeCalled(kind: string, given: string): ColumnType | undefined {
  const items = itemsOf(given);
  if (items === undefined) return undefined;
  if (kind === "oneOf") {
    const values = items.filter((item) => typeof item === "string");
    return values.length > 0 && values.length === items.length ? { kind, values } : undefined;
  }
  const [first, second = 0] = items;
  if (typeof first !== "number" || typeof second !== "number") return undefined;
  return kind === "varchar" ? { kind, length: first } : { kind: "numeric", precision: first, scale: second };
}

function itemsOf(given: string): readonly unknown[] | undefined {
  try {
    const items: unknown = JSON.parse(`[${given}]`);
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}
