import type { Socket } from "node:net";
import { onAbort, type Signal } from "./abort.js";
import { sendQuery } from "./postgres-rows.js";
import type { PostgresCallback, PostgresClient, PostgresQuery } from "./postgres-types.js";

const SSL_REQUEST = 80_877_103;
const CANCEL_REQUEST = 80_877_102;

/** How long one request to cancel may take, in milliseconds. */
const LONGEST_REQUEST = 5_000;
/** The pauses between requests, in milliseconds: each is twice the one before. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

/**
 * Sends a query, which an abort of the signal cancels on the server.
 *
 * The server takes no notice of a request that comes before the query does, so requests are made until there is an
 * answer. It is given once no request is under way, as that could hit what runs next on the client.
 */
export function sendUntilAbort(
  client: PostgresClient,
  query: PostgresQuery,
  signal: Signal,
  callback: PostgresCallback,
): void {
  let isAnswered = false;
  let request: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const cancel = (pause: number): void => {
    request = requestCancel(client, () => isAnswered).then(() => {
      request = undefined;
      if (!isAnswered) timer = setTimeout(cancel, pause, Math.min(pause * 2, LONGEST_PAUSE));
    });
  };
  const forget = onAbort(signal, () => cancel(FIRST_PAUSE));
  sendQuery(client, query, (error, result) => {
    isAnswered = true;
    forget();
    clearTimeout(timer);
    if (request === undefined) callback(error, result);
    else void request.then(() => callback(error, result));
  });
}

/**
 * Asks the server by a connection of its own to cancel what runs on the client's, as the protocol has it: PgBouncer hands
 * that on, whereas the process id that it tells a client is none of the server's. It ends when the server has closed the
 * connection, which it does once the request was passed on; a failure is not told.
 */
function requestCancel(client: PostgresClient, isTooLate: () => boolean): Promise<void> {
  const { host, port, processID, secretKey } = client;
  if (typeof host !== "string" || typeof port !== "number") return Promise.resolve();
  if (typeof processID !== "number" || typeof secretKey !== "number") return Promise.resolve();
  // Loaded where it is needed: SQLite never needs it, and it takes a while.
  const { connect: connectSocket } = process.getBuiltinModule("node:net");
  return new Promise((resolve) => {
    const socket = host.startsWith("/") ? connectSocket(`${host}/.s.PGSQL.${port}`) : connectSocket(port, host);
    socket.setTimeout(LONGEST_REQUEST, () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.on("connect", () =>
      secured(socket, host, client, (stream) => {
        if (isTooLate()) socket.destroy();
        else stream.resume().write(message(CANCEL_REQUEST, processID, secretKey));
      }),
    );
  });
}

/** Goes on with the socket, or with TLS over it where the client's own connection has that. */
function secured(
  socket: Socket,
  host: string,
  { ssl, sslNegotiation }: PostgresClient,
  use: (stream: Socket) => void,
): void {
  if (!ssl) {
    use(socket);
    return;
  }
  const isDirect = sslNegotiation === "direct";
  const upgrade = () => {
    const stream = process.getBuiltinModule("node:tls").connect({
      socket,
      host,
      ...(process.getBuiltinModule("node:net").isIP(host) === 0 && { servername: host }),
      ...(isDirect && { ALPNProtocols: ["postgresql"] }),
      // pg keeps the key from being listed.
      ...(ssl !== true && { ...ssl, ...("key" in ssl && { key: ssl.key }) }),
    });
    stream.on("error", () => socket.destroy());
    stream.on("close", () => socket.destroy());
    stream.once("secureConnect", () => use(stream));
  };
  if (isDirect) {
    upgrade();
    return;
  }
  socket.once("data", (answer) => {
    if (answer.toString("latin1") === "S") upgrade();
    else socket.destroy();
  });
  socket.write(message(SSL_REQUEST));
}

/** A message of 32-bit numbers, after its length in bytes. */
function message(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * numbers.length);
  for (const [i, number] of [bytes.length, ...numbers].entries()) bytes.writeUInt32BE(number >>> 0, 4 * i);
  return bytes;
}
