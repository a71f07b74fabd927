import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { nodeSqlite } from "../../src/drivers/node-sqlite.js";
import * as source from "../../src/index.js";
import { programsOf } from "../readme/programs.js";

const ROOT = resolve(import.meta.dirname, "../..");
const NodeSqlite = nodeSqlite(process.getBuiltinModule("node:sqlite"));
const TYPE_TESTS = join(ROOT, "spec/types");
/** Libraries' own types want others; an AbortSignal is Node's, or a browser's. */
const WANT_OTHER_TYPES = ["validation-libraries.ts", "signals.ts"];
const run = promisify(execFile);
const COMPILERS = { "TypeScript 7": "typescript", "TypeScript 5.9": "typescript-5.9" } as const;
const canRequireModules = process.features.require_module ?? false;

/** A program in plain JavaScript, but for how it gets the package. */
const PROGRAM = `
class User extends Model("users", { id: integer().primaryKey(), name: text() }) {}
async function main(url) {
  const db = new Database(url, { models: [User] });
  await db.createAll();
  const user = await User.objects.insert({ name: "x" });
  console.log(user.id, user.name, await User.objects.count(), ...(await db.differences()));
  await db.close();
}
main(process.argv[2]).catch((error) => console.log(error instanceof RowkeeperError, error.message));
`;
const NAMES = "{ Database, integer, Model, RowkeeperError, text }";

/** The settings of those who use the package: by the kind of their own package, and how modules are resolved. */
const CONSUMERS = {
  "an ES module": { type: "module", module: "nodenext", moduleResolution: "nodenext" },
  "a CommonJS module": { type: "commonjs", module: "nodenext", moduleResolution: "nodenext" },
  "a bundler": { type: "module", module: "esnext", moduleResolution: "bundler" },
} as const;

async function writeConsumer(folder: string, { type, ...resolution }: (typeof CONSUMERS)[keyof typeof CONSUMERS]) {
  await mkdir(folder, { recursive: true });
  const compilerOptions = {
    ...resolution,
    target: "es2022",
    lib: ["es2023", "esnext.disposable"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    skipLibCheck: false,
    // Which want a public name for whatever users may export.
    declaration: true,
    emitDeclarationOnly: true,
    outDir: "out",
  };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type }));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  // The type tests, of what is installed in place of the sources; but for those that want the types of others.
  for (const file of (await readdir(TYPE_TESTS)).filter((name) => !WANT_OTHER_TYPES.includes(name))) {
    const text = await readFile(join(TYPE_TESTS, file), "utf8");
    await writeFile(join(folder, file), text.replaceAll('"../../src/index.js"', '"rowkeeper"'));
  }
}

/** Runs npm as its users do. */
async function npm(cwd: string, ...args: string[]): Promise<void> {
  await run("npm", args, { cwd, shell: process.platform === "win32", maxBuffer: 1 << 26 });
}

/** Lends a project what this one has installed already: nothing is compiled again. */
async function link(folder: string, ...packages: string[]): Promise<void> {
  for (const name of packages) {
    await mkdir(join(folder, "node_modules", name, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "junction");
  }
}

/** What a compiler finds wrong with a project. */
async function compiled(project: string, compiler: string, ...settings: string[]): Promise<string> {
  const tsc = join(ROOT, "node_modules", compiler, "bin/tsc");
  return run(process.execPath, [tsc, "-p", ".", ...settings], { cwd: project }).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

describe("the package, packed and installed elsewhere", () => {
  let folder: string;
  /** A project with rowkeeper and no driver. */
  let bare: string;
  /** A project with rowkeeper and both drivers. */
  let full: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rowkeeper-package-"));
    await npm(ROOT, "pack", "--pack-destination", folder);
    const tarball = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
    assert.ok(tarball);
    bare = join(folder, "bare");
    await mkdir(bare);
    await writeFile(join(bare, "package.json"), JSON.stringify({ private: true, type: "module" }));
    await npm(
      bare,
      "install",
      "--prefer-offline",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      join(folder, tarball),
    );
    await writeFile(join(bare, "main.mjs"), `import ${NAMES} from "rowkeeper";\n${PROGRAM}`);
    await writeFile(join(bare, "main.cjs"), `const ${NAMES} = require("rowkeeper");\n${PROGRAM}`);
    full = join(folder, "full");
    await cp(bare, full, { recursive: true });
    await link(full, "better-sqlite3", "pg");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("holds what users need, and nothing of its development", async () => {
    const files = await filesIn(join(bare, "node_modules/rowkeeper"));
    for (const needed of [
      "LICENSE",
      "README.md",
      "docs/queries.md",
      "dist/index.d.ts",
      "dist/index.js",
      "package.json",
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    const expected =
      /^(?:(?:LICENSE|README\.md|CHANGELOG\.md|package\.json)|dist\/[\w-]+\.js|dist\/.*\.d\.ts|docs\/.*\.(?:md|svg))$/;
    assert.deepEqual(
      files.filter((file) => !expected.test(file) || /\.(?:spec|test)\./.test(file)),
      [],
    );
  });

  it("is one file, and the names that are public of it, until more is asked for; in ASCII", async () => {
    const dist = join(bare, "node_modules/rowkeeper/dist");
    const importedBy = async (file: string) => {
      const text = await readFile(join(dist, file), "utf8");
      assert.equal(Buffer.byteLength(text), text.length, "with one letter more, V8 keeps and reads two bytes for each");
      return [...new Set([...text.matchAll(/\b(?:from|import)\s*"(\.[^"]+)"/g)].map(([, name]) => name ?? ""))];
    };
    const [all, ...others] = await importedBy("index.js");
    assert.ok(all);
    assert.deepEqual(others, []);
    assert.deepEqual(await importedBy(all), []);
  });

  it("has the classes' own names, which are shown, and stored", async () => {
    const dist = join(bare, "node_modules/rowkeeper/dist");
    for (const file of (await filesIn(dist)).filter((name) => name.endsWith(".js")))
      assert.doesNotMatch(await readFile(join(dist, file), "utf8"), /\bclass _/, file);
  });

  it("names its classes, methods and functions in errors' stacks as its sources do, but for private ones", async () => {
    const program = `
import { integer, Model } from "rowkeeper";
try {
  Model("users", { id: integer().primaryKey() }, { indexes: [["name"]] });
} catch ({ stack }) {
  console.log(stack);
}`;
    await writeFile(join(bare, "stack.mjs"), program);
    const { stdout } = await run(process.execPath, ["stack.mjs"], { cwd: bare });
    const names = [...stdout.matchAll(/^ +at ([^#\n]+?) \(.*\/rowkeeper\/dist\//gm)].map(([, name]) => name);
    assert.deepEqual(names, ["Table.column", "Table.directed", "new Table", "Model"]);
  });

  it("exports functions and classes of the names that they have in its sources", async () => {
    const program = `
import * as all from "rowkeeper";
console.log(JSON.stringify(Object.entries(all).map(([name, value]) => [name, typeof value === "function" ? value.name : ""])));`;
    await writeFile(join(bare, "names.mjs"), program);
    const { stdout } = await run(process.execPath, ["names.mjs"], { cwd: bare });
    const names = Object.entries(source).map(([name, value]) => [name, typeof value === "function" ? value.name : ""]);
    assert.deepEqual(JSON.parse(stdout), names.toSorted());
  });

  it("names no map of sources, which it doesn't hold", async () => {
    const dist = join(bare, "node_modules/rowkeeper/dist");
    const texts = await Promise.all((await filesIn(dist)).map((file) => readFile(join(dist, file), "utf8")));
    assert.deepEqual(
      texts.filter((text) => text.includes("sourceMappingURL=")),
      [],
    );
  });

  it("brings no driver", async () => {
    const installed = await readdir(join(bare, "node_modules"));
    assert.deepEqual(
      installed.filter((name) => name === "pg" || name === "better-sqlite3"),
      [],
    );
  });

  it("says what to install for postgres:", async () => {
    const { stdout } = await run(process.execPath, ["main.mjs", "postgres://127.0.0.1:1/none"], { cwd: bare });
    assert.match(stdout, /^true .*npm install pg\b/);
  });

  it("runs on Node's own SQLite, and where Node has none says what to install", async () => {
    const { stdout } = await run(process.execPath, ["main.mjs", "sqlite::memory:"], { cwd: bare });
    if (NodeSqlite === undefined) assert.match(stdout, /^true .*npm install better-sqlite3\b.*Node 22\.16/);
    else assert.equal(stdout, "1 x 1\n");
  });

  it("says what to install for a picture, and writes Mermaid without", async () => {
    const program = `
import { diagram, integer, Model } from "rowkeeper";
class User extends Model("users", { id: integer().primaryKey() }) {}
console.log(diagram([User]).mermaid().startsWith("erDiagram"));
await diagram([User]).svg().catch((error) => console.log(error.name, error.message));`;
    await writeFile(join(bare, "diagram.mjs"), program);
    const { stdout } = await run(process.execPath, ["diagram.mjs"], { cwd: bare });
    assert.match(stdout, /^true\nUsageError .*npm install elkjs\b/);
  });

  it("is imported by an ES module", async () => {
    const { stdout, stderr } = await run(process.execPath, ["main.mjs", "sqlite::memory:"], { cwd: full });
    assert.deepEqual({ stdout, stderr }, { stdout: "1 x 1\n", stderr: "" });
  });

  it("tells its own code from that which uses it (B11)", async () => {
    const program = `
import { Database, sql } from "rowkeeper";
const db = new Database("sqlite::memory:");
db.on("query", ({ place }) => console.log(place));
await db.query(sql\`select 1\`);
await db.close();`;
    await writeFile(join(full, "place.mjs"), program);
    const { stdout } = await run(process.execPath, ["place.mjs"], { cwd: full });
    assert.match(stdout, /^\S+place\.mjs:5:\d+\n$/);
  });

  const skip = canRequireModules ? false : "this Node.js can't require() an ES module; 20.19 and 22.12 can";

  it("is required by a CommonJS module", { skip }, async () => {
    const { stdout, stderr } = await run(process.execPath, ["main.cjs", "sqlite::memory:"], { cwd: full });
    assert.deepEqual({ stdout, stderr }, { stdout: "1 x 1\n", stderr: "" });
  });

  it("is the same whether imported or required", { skip }, async () => {
    const program = `import("rowkeeper").then(({ Database }) => console.log(Database === require("rowkeeper").Database));`;
    await writeFile(join(full, "same.cjs"), program);
    const { stdout } = await run(process.execPath, ["same.cjs"], { cwd: full });
    assert.equal(stdout, "true\n");
  });

  for (const format of ["esm", "cjs"] as const) {
    it(`can be bundled with its driver into one file, which finds no package and no place (B11): ${format}`, async () => {
      const url = process.env.DATABASE_URL;
      assert.ok(url);
      // No table: other specs have theirs in this database.
      const program = `
import { Database, sql } from "rowkeeper";
async function main() {
  const db = new Database(process.argv[2]);
  db.on("query", ({ place }) => console.log(place));
  console.log(...(await db.query(sql\`select 1 as one\`)).map(({ one }) => one));
  await db.close();
}
main();`;
      await writeFile(join(full, "bundled.mjs"), program);
      const alone = join(folder, `alone-${format}`);
      await mkdir(alone);
      const outfile = join(alone, format === "esm" ? "main.mjs" : "main.cjs");
      const banner = {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      };
      await build({
        absWorkingDir: full,
        entryPoints: ["bundled.mjs"],
        outfile,
        bundle: true,
        format,
        platform: "node",
        external: ["better-sqlite3", "elkjs", "pg-native"],
        logLevel: "silent",
        // pg is CommonJS: within an ES module it wants a `require`.
        ...(format === "esm" && { banner }),
      });
      const { stdout } = await run(process.execPath, [outfile, url], { cwd: alone });
      assert.equal(stdout, "an unknown place\n1\n");
    });
  }

  it("has no way in but its public names", async () => {
    await writeFile(
      join(bare, "inside.mjs"),
      `await import("rowkeeper/dist/errors.js").catch((e) => console.log(e.code));`,
    );
    const { stdout } = await run(process.execPath, ["inside.mjs"], { cwd: bare });
    assert.equal(stdout, "ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });

  for (const [compiler, alias] of Object.entries(COMPILERS)) {
    it(`compiles the first program of README.md by the tsconfig.json that it shows, under ${compiler}`, async () => {
      const readme = await readFile(join(ROOT, "README.md"), "utf8");
      const [, settings] = /^```json\n(\{\n {2}"compilerOptions"[\s\S]*?)^```$/m.exec(readme) ?? [];
      assert.ok(settings);
      const project = join(full, alias);
      await mkdir(project);
      await link(project, "@types/node");
      await writeFile(join(project, "tsconfig.json"), settings);
      await writeFile(join(project, "blog.ts"), programsOf(readme)[0]?.opening ?? "");
      assert.equal(await compiled(project, alias, "--noEmit"), "");
    });
  }

  describe("has types, without those of the drivers or of Node.js,", () => {
    for (const [compiler, alias] of Object.entries(COMPILERS)) {
      for (const [consumer, settings] of Object.entries(CONSUMERS)) {
        it(`for ${consumer} under ${compiler}`, async () => {
          const project = join(bare, `${alias}-${settings.type}-${settings.moduleResolution}`);
          await writeConsumer(project, settings);
          assert.equal(await compiled(project, alias), "");
        });
      }
    }
  });
});
