/** What a column holds. The dialects say how each is stored; `check-value.ts` which values it takes. */
export type ColumnType =
  | {
      readonly kind:
        | "integer"
        | "bigint"
        | "real"
        | "text"
        | "boolean"
        | "timestamp"
        | "date"
        | "uuid"
        | "json"
        | "bytes";
    }
  | { readonly kind: "numeric"; readonly precision: number | undefined; readonly scale: number | undefined }
  | { readonly kind: "varchar"; readonly length: number }
  | { readonly kind: "oneOf"; readonly values: readonly string[] }
  | { readonly kind: "array"; readonly element: ColumnType; readonly nullableElements: boolean };

export type ColumnKind = ColumnType["kind"];

const TEXT_KINDS: ReadonlySet<ColumnKind> = new Set(["text", "varchar", "oneOf"]);
const UNORDERED_KINDS: ReadonlySet<ColumnKind> = new Set(["json", "array"]);

/** Whether a column holds text that can be matched by patterns, and that is ordered by its code points. */
export function isTextKind(kind: ColumnKind): boolean {
  return TEXT_KINDS.has(kind);
}

/** Whether values can be ordered in a way that both engines agree on. */
export function isOrderedKind(kind: ColumnKind): boolean {
  return !UNORDERED_KINDS.has(kind);
}
