import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printedBy, programsOf, wordsOf } from "./programs.js";

const FENCE = "```";
const block = (text: string, language = "ts") => `${FENCE}${language}\n${text}\n${FENCE}\n`;

describe("programsOf", () => {
  it("takes a block by itself as it is written, with the line of its fence", () => {
    const text = 'import a from "a";\na();\n';
    const [program, ...more] = programsOf(`# Title\n\n${block(text.trimEnd())}`);
    assert.deepEqual(program, { line: 3, text, opening: text });
    assert.deepEqual(more, []);
  });

  it("leaves out what is fenced as something else", () => {
    assert.deepEqual(programsOf(block("npm install", "sh") + block("a", "") + block("a", "tsx")), []);
  });

  it("nests a block that continues, so that it may use a name again", () => {
    const text = `${block('import { a } from "x";\nconst b = a();')}\n<!-- continues -->\n${block("const b = 2;")}`;
    const [program, ...more] = programsOf(text);
    assert.deepEqual(more, []);
    const nested = "\n// README.md, line 1\nconst b = a();\n\n{\n// README.md, line 7\nconst b = 2;\n}\n";
    assert.equal(program?.text, `import { a } from "x";\n${nested}`);
    assert.equal(program?.opening, 'import { a } from "x";\nconst b = a();\n');
  });

  it("merges the imports of blocks that continue each other", () => {
    const again = `<!-- continues -->\n${block('import {\n  b,\n  a,\n} from "x";\nb();')}`;
    const [program] = programsOf(block('import c from "y";\nimport { a } from "x";\na();') + again);
    assert.match(program?.text ?? "", /^import c from "y";\nimport \{ a, b \} from "x";\n/);
  });

  it("refuses a block that continues nothing, or is never closed", () => {
    assert.throws(() => programsOf(`<!-- continues -->\n${block("a")}`), /continues nothing/);
    assert.throws(() => programsOf(`${FENCE}ts\na\n`), /never closed/);
  });
});

describe("printedBy", () => {
  it("takes the comments that follow console.log(), on its line and below", () => {
    const text = `// no\nconsole.log(1); // 1\nf(); // no\n  console.log(\n  g(2),\n  );\n  // { a: 2,\n  //   b: 3 }\n\n// no\n`;
    assert.deepEqual(printedBy(text), ["1", "{", "a:", "2,", "b:", "3", "}"]);
  });

  it("wants one after each", () => {
    assert.throws(() => printedBy("console.log(1);\nconsole.log(2); // 2\n"), /1 of 2/);
    assert.throws(() => printedBy("console.log(2); // 2\nconsole.log(1);\nf();\n"), /1 of 2/);
  });

  it("compares with what is printed, however that is broken into lines", () => {
    assert.deepEqual(wordsOf("[\n  1,\n  2\n]\n"), wordsOf("[ 1, 2 ]"));
  });
});
