import { fork } from "node:child_process";

/**
 * Runs a compiled script in a process of its own, which sends one message.
 *
 * @throws Error where it ends without one, or with another code than 0
 */
export function runChild<M extends object>(what: string, script: string, args: readonly string[]): Promise<M> {
  const child = fork(script, args, {
    execArgv: ["--expose-gc"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  return new Promise((resolve, reject) => {
    let sent: M | undefined;
    child.once("message", (message: M) => {
      sent = message;
      child.disconnect();
    });
    child.once("exit", (code) => {
      if (sent !== undefined && code === 0) resolve(sent);
      else reject(new Error(`${what}: its process ended with code ${code}`));
    });
  });
}
