// One subject on one database, in a process of its own: node child.js <subject module> <location> <trial>
import type { Reply, Request } from "./messages.js";
import { type OpenSubject, type Subject, Unsupported } from "./subject.js";
import { describeAnswer, readSum, type Trial, type TrialName, trials } from "./trials.js";

const [module = "", location = "", trialName = ""] = process.argv.slice(2);

/** Counts this process's operations, so that each touches other rows and all subjects touch the same. */
let turn = 0;

async function check(subject: Subject, trial: Trial, count: number): Promise<Reply> {
  const answers: string[] = [];
  for (let i = 0; i < count; i++) answers.push(describeAnswer(await trial.prepare(turn++)(subject)));
  return { kind: "answers", answers };
}

/** Of a round's operations, so many more come before its clock starts. */
const untimed = 1 / 5;

async function time(subject: Subject, trial: Trial, count: number): Promise<Reply> {
  const operationsOf = (count: number) => Array.from({ length: count }, () => trial.prepare(turn++));
  const first = operationsOf(Math.floor(count * untimed));
  const operations = operationsOf(count);
  // Earlier rounds' garbage is not this round's; what this round leaves and has to collect is.
  globalThis.gc?.();
  // V8 has thrown away what it had optimized for classes of which nothing was left, and the others' rounds have cooled the caches.
  for (const operation of first) await operation(subject);
  const start = performance.now();
  for (const operation of operations) await operation(subject);
  const milliseconds = performance.now() - start;
  if (Number.isNaN(readSum())) throw new RangeError("a field that was read is not what its type says");
  return { kind: "timed", milliseconds };
}

async function answer(subject: Subject, trial: Trial, request: Request): Promise<Reply> {
  if (request.kind === "check") return check(subject, trial, request.count);
  if (request.kind === "round") return time(subject, trial, request.operations);
  await subject.close();
  return { kind: "closed" };
}

function send(reply: Reply): void {
  process.send?.(reply);
}

function fail(error: unknown): void {
  if (error instanceof Unsupported) send({ kind: "unsupported", reason: error.message });
  else send({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

process.on("disconnect", () => process.exit());
try {
  const { open }: { open: OpenSubject } = await import(module);
  const subject = await open(location);
  const trial = trials[trialName as TrialName];
  process.on("message", (request: Request) => {
    answer(subject, trial, request).then(send, fail);
  });
  send({ kind: "ready" });
} catch (error) {
  fail(error);
}
