import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript-5.9";

const SRC = resolve(import.meta.dirname, "../src");

/** A file imports from its own folder or from a lower rank. Files right in `src` are of rank 0, but for `index.ts`. */
const RANKS: Readonly<Record<string, number>> = {
  drivers: 1,
  sql: 2,
  schema: 3,
  database: 4,
  manager: 5,
  query: 6,
  model: 7,
  relations: 8,
  audit: 9,
  cli: 10,
  "index.ts": 11,
};

interface Import {
  readonly from: string;
  readonly to: string;
}

/** The modules that a file names: imports and exports, of types too, `import("…")` as a call and as a type. */
function namesIn(text: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      if (ts.isStringLiteral(node.moduleSpecifier)) names.push(node.moduleSpecifier.text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) names.push(node.argument.literal.text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      assert.ok(name !== undefined && ts.isStringLiteralLike(name), "import() of a name that is computed");
      names.push(name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true));
  return names;
}

function folderOf(file: string): string {
  const [first = "", ...rest] = file.split("/");
  return rest.length === 0 && first !== "index.ts" ? "" : first;
}

function rankOf(file: string): number {
  const folder = folderOf(file);
  const rank = folder === "" ? 0 : RANKS[folder];
  assert.ok(rank !== undefined, `${file}: its folder has no rank in spec/layers.spec.ts`);
  return rank;
}

function isAllowed({ from, to }: Import): boolean {
  return folderOf(from) === folderOf(to) || rankOf(to) < rankOf(from);
}

/** A way round from a file to itself. */
function findCycle(imports: readonly Import[]): string[] | undefined {
  const targets = group(imports);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of targets.get(file) ?? []) {
      const cycle = visit(target, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function group(imports: readonly Import[]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  return targets;
}

function readImports(): { files: string[]; imports: Import[] } {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));
  const imports = files.flatMap((from) =>
    namesIn(readFileSync(join(SRC, from), "utf8"))
      .filter((name) => name.startsWith("."))
      .map((name) => {
        const path = relative(SRC, resolve(SRC, dirname(from), name)).replaceAll("\\", "/");
        return { from, to: path.replace(/\.js$/, ".ts") };
      }),
  );
  return { files, imports };
}

describe("the layers of src", () => {
  const { files, imports } = readImports();

  test("each file imports from its own folder or from a lower rank", () => {
    assert.ok(files.length > 0 && imports.length > 0);
    const wrong = imports.filter((each) => !isAllowed(each)).map(({ from, to }) => `${from} -> ${to}`);
    assert.deepEqual(wrong, []);
  });

  test("each import names a file of src", () => {
    const known = new Set(files);
    const wrong = imports.filter(({ to }) => !known.has(to)).map(({ from, to }) => `${from} -> ${to}`);
    assert.deepEqual(wrong, []);
  });

  test("no file imports itself by way of others", () => {
    assert.equal(findCycle(imports)?.join(" -> "), undefined);
  });

  test("only database/connect.ts loads a driver's package", () => {
    const isDriver = (name: string) => /^(?:better-sqlite3|pg|pg-cursor|pg-pool)$/.test(name);
    const loading = files.filter((file) => namesIn(readFileSync(join(SRC, file), "utf8")).some(isDriver));
    assert.deepEqual(
      loading.filter((file) => file !== "database/connect.ts"),
      [],
    );
  });

  test("the check sees every form of import, and what is not allowed", () => {
    const text = `
      import a from "./a.js"; import type { B } from "./b.js"; import "./c.js"; export * from "./d.js";
      export type { E } from "./e.js"; type F = import("./f.js").F; const g = await import("./g.js"); // import "./x.js"
      const h = 'import "./y.js"';`;
    assert.deepEqual(namesIn(text), ["./a.js", "./b.js", "./c.js", "./d.js", "./e.js", "./f.js", "./g.js"]);
    assert.equal(isAllowed({ from: "sql/a.ts", to: "drivers/b.ts" }), true);
    assert.equal(isAllowed({ from: "drivers/b.ts", to: "sql/a.ts" }), false);
    assert.equal(isAllowed({ from: "errors.ts", to: "drivers/b.ts" }), false);
    assert.equal(isAllowed({ from: "errors.ts", to: "text.ts" }), true);
    assert.equal(isAllowed({ from: "cli/a.ts", to: "index.ts" }), false);
    const circle = [
      { from: "a", to: "b" },
      { from: "b", to: "c" },
      { from: "c", to: "b" },
    ];
    assert.deepEqual(findCycle(circle), ["b", "c", "b"]);
  });
});
