import { type ChildProcess, fork } from "node:child_process";
import type { Reply, Request } from "./messages.js";
import { Unsupported } from "./subject.js";

/** A child process that holds one subject; it does one thing at a time. */
export class Worker {
  private constructor(
    readonly subject: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts plain node on the compiled `script`. */
  static async start(subject: string, script: string, args: readonly string[]): Promise<Worker> {
    const child = fork(script, args, { execArgv: ["--expose-gc"], env: { ...process.env, NODE_ENV: "production" } });
    const worker = new Worker(subject, child);
    try {
      await worker.reply("ready");
    } catch (error) {
      worker.kill();
      throw error;
    }
    return worker;
  }

  /** @throws Unsupported where the subject has no way to do it */
  async check(count: number): Promise<readonly string[]> {
    return (await this.ask({ kind: "check", count }, "answers")).answers;
  }

  /** The milliseconds that this many operations took. */
  async round(operations: number): Promise<number> {
    return (await this.ask({ kind: "round", operations }, "timed")).milliseconds;
  }

  async close(): Promise<void> {
    await this.ask({ kind: "close" }, "closed");
    const exited = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await exited;
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private ask<K extends Reply["kind"]>(request: Request, kind: K): Promise<Extract<Reply, { kind: K }>> {
    const reply = this.reply(kind);
    this.child.send(request);
    return reply;
  }

  private reply<K extends Reply["kind"]>(kind: K): Promise<Extract<Reply, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`${this.subject}: its process ended with code ${code}`));
      this.child.once("exit", onExit);
      this.child.once("message", (reply: Reply) => {
        this.child.off("exit", onExit);
        if (isKind(reply, kind)) resolve(reply);
        else reject(failureOf(this.subject, reply));
      });
    });
  }
}

function failureOf(subject: string, reply: Reply): Error {
  if (reply.kind === "unsupported") return new Unsupported(`${subject}: ${reply.reason}`);
  return new Error(`${subject}: ${reply.kind === "failed" ? reply.reason : `said ${reply.kind}`}`);
}

function isKind<K extends Reply["kind"]>(reply: Reply, kind: K): reply is Extract<Reply, { kind: K }> {
  return reply.kind === kind;
}
