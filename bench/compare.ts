/** @throws Error that shows where two subjects' answers part. */
export function assertSame(what: string, expectedBy: string, expected: string, actualBy: string, actual: string): void {
  if (expected === actual) return;
  const expectedLines = expected.split("\n");
  const actualLines = actual.split("\n");
  const at = expectedLines.findIndex((line, index) => line !== actualLines[index]);
  const line = at === -1 ? expectedLines.length : at;
  throw new Error(
    `${what}: ${actualBy} and ${expectedBy} differ from line ${line + 1} on:\n` +
      `  ${expectedBy}: ${expectedLines[line] ?? "(nothing)"}\n  ${actualBy}: ${actualLines[line] ?? "(nothing)"}`,
  );
}
