import { createServer, type Server, Socket } from "node:net";

/** A TCP proxy in front of a server, which drops a connection where it sees a text pass, or holds answers back. */
export interface DroppingProxy extends AsyncDisposable {
  /** The URL of the server, by way of the proxy. */
  readonly url: string;
  /** From now on: drops the connection before, or after, the server got what has the text in it. Undefined stops it. */
  dropAt(text: string | undefined, when?: "before" | "after"): void;
  /** From now on: what has the text in it reaches the server so many milliseconds later. */
  delayAt(text: string, milliseconds: number): void;
  /** How often it dropped a connection. */
  readonly drops: number;
  /** Holds back all answers of the server until what it gives is called. */
  holdAnswers(): () => void;
  /** How often a text was sent to the server. */
  sent(text: string): number;
}

export async function startProxy(target: string): Promise<DroppingProxy> {
  const { hostname, port } = new URL(target);
  let trigger: string | undefined;
  let when: "before" | "after" = "before";
  let drops = 0;
  let held: (() => void)[] | undefined;
  let asked = "";
  let delay: { readonly text: string; readonly milliseconds: number } | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = new Socket().connect(Number(port || 5432), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    const drop = () => {
      near.destroy();
      far.destroy();
    };
    let isAnswerLost = false;
    near.on("data", (data) => {
      asked += data.toString("latin1");
      if (trigger !== undefined && data.includes(trigger)) {
        drops += 1;
        if (when === "before") return drop();
        isAnswerLost = true;
      }
      if (delay !== undefined && data.includes(delay.text)) setTimeout(() => far.write(data), delay.milliseconds);
      else far.write(data);
    });
    far.on("data", (data) => {
      if (isAnswerLost) drop();
      else if (held === undefined) near.write(data);
      else held.push(() => near.write(data));
    });
    near.on("close", drop);
    far.on("close", drop);
  });
  await listen(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(address.port);
  return {
    url: url.href,
    dropAt(text, at = "before") {
      trigger = text;
      when = at;
    },
    delayAt(text, milliseconds) {
      delay = { text, milliseconds };
    },
    get drops() {
      return drops;
    },
    holdAnswers() {
      held = [];
      return () => {
        for (const answer of held ?? []) answer();
        held = undefined;
      };
    },
    sent: (text) => asked.split(text).length - 1,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}
