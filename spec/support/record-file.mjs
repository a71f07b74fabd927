/*
 * Loaded before each spec file: appends the file's path to $ROWKEEPER_RAN_FILES once a test in it has run, for
 * `spec/run.ts` to compare. node:test itself passes over a file without tests, and reports a test that a helper has
 * declared under the path of the helper. It is not TypeScript, because it is loaded beside tsx.
 */
import { appendFileSync } from "node:fs";

const list = process.env.ROWKEEPER_RAN_FILES;

if (list !== undefined && process.env.NODE_TEST_CONTEXT !== undefined) {
  const { afterEach } = await import("node:test");
  let isRecorded = false;
  afterEach(() => {
    if (isRecorded) return;
    isRecorded = true;
    appendFileSync(list, `${process.argv[1]}\n`);
  });
}
