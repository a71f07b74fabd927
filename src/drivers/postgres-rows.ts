import type { Writable } from "node:stream";
import { keepShape } from "../shapes.js";
import type { DriverValue } from "./driver.js";
import type { PostgresCallback, PostgresClient, PostgresQuery, PostgresResult } from "./postgres-types.js";

/** What of pg's class `Query` is used: it sends itself, and is told what the server answers. */
interface PgQuery {
  values: readonly DriverValue[] | undefined;
  name: string | undefined;
  queryMode: "extended" | undefined;
  /** Put into another by pg where the client has a time limit for its queries. */
  callback: PostgresCallback;
  submit(connection: unknown): unknown;
  /** Writes the messages that run it. */
  prepare(connection: PgConnection): void;
  handleRowDescription(message: { readonly fields: PostgresResult["fields"] }): void;
  handleDataRow(message: { readonly fields: unknown[] }): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleReadyForQuery(): void;
}

/** What writes the messages of PostgreSQL's protocol. */
interface PgConnection {
  readonly parsedStatements: Readonly<Record<string, string>>;
  readonly stream: Partial<Pick<Writable, "writableCorked" | "cork" | "uncork">>;
  parse(query: { readonly text: string; readonly name: string }): void;
  bind(config: { readonly statement: string }): void;
  execute(config: { readonly portal: string }): void;
}

type PgQueryClass = new (text: string, callback: PostgresCallback) => PgQuery;
type Sent = Pick<PostgresQuery, "text" | "values" | "name" | "queryMode">;
type RowsQueryClass = new (query: Sent, callback: PostgresCallback, begin: Begin | undefined) => PgQuery;

/** What begins a transaction. */
export interface Begin {
  readonly text: string;
  /** Whether the server has begun it: what came with it may have run then. */
  isDone: boolean;
}

const METHODS = [
  "submit",
  "prepare",
  "handleRowDescription",
  "handleDataRow",
  "handleCommandComplete",
  "handleReadyForQuery",
] as const;

/** By pg's class: that of the queries whose rows are taken as they come; undefined where it is no such class. */
const classes = new WeakMap<object, RowsQueryClass | undefined>();

/**
 * Sends a query of one statement and takes the arrays that pg's parser makes of its rows, which saves pg another array for
 * each row, and a look at each value: 10 000 rows of six columns take four fifths of the time. What has no class `Query` as
 * pg's is, such as pg-native, is given the query as it is.
 *
 * @param begin sent along with it, where `canBegin`: where that fails, the query doesn't run
 */
export function sendQuery(
  client: PostgresClient,
  query: PostgresQuery,
  callback: PostgresCallback,
  begin?: Begin,
): void {
  const RowsQuery = query.values === undefined ? undefined : rowsQueryOf(client);
  if (RowsQuery === undefined) client.query(query, callback);
  else client.query(new RowsQuery(query, callback, begin));
}

/** Whether a query may go out together with what begins its transaction: one that the client has prepared. */
export function canBegin(client: PostgresClient, { name }: PostgresQuery): boolean {
  const connection = connectionOf(client);
  return name !== undefined && connection?.parsedStatements?.[name] !== undefined && rowsQueryOf(client) !== undefined;
}

/** Sends what is asked of a client until the end of this tick as one packet. */
export function gather(client: PostgresClient): void {
  const stream = connectionOf(client)?.stream;
  if (stream?.writableCorked !== 0) return;
  stream.cork?.();
  process.nextTick(() => stream.uncork?.());
}

function connectionOf(client: PostgresClient): Partial<PgConnection> | undefined {
  return (client as { readonly connection?: Partial<PgConnection> }).connection;
}

function rowsQueryOf(client: PostgresClient): RowsQueryClass | undefined {
  const { Query } = client.constructor as { readonly Query?: PgQueryClass };
  if (Query === undefined) return undefined;
  if (!classes.has(Query)) {
    const isAsPg = METHODS.every((method) => typeof Query.prototype[method] === "function");
    classes.set(Query, isAsPg ? rowsQueryClass(Query) : undefined);
  }
  return classes.get(Query);
}

function rowsQueryClass(Query: PgQueryClass): RowsQueryClass {
  class RowsQuery extends Query {
    readonly #rows: unknown[][] = [];
    #fields: PostgresResult["fields"] = [];
    readonly #begin: Begin | undefined;
    #tag = "";

    constructor({ text, values, name, queryMode }: Sent, callback: PostgresCallback, begin: Begin | undefined) {
      super(text, callback);
      this.values = values;
      this.name = name;
      this.queryMode = queryMode;
      this.#begin = begin;
    }

    override prepare(connection: PgConnection): void {
      if (this.#begin !== undefined) {
        // Without a sync, so that the server skips what follows where this fails.
        connection.parse({ text: this.#begin.text, name: "" });
        connection.bind({ statement: "" });
        connection.execute({ portal: "" });
      }
      super.prepare(connection);
    }

    override handleRowDescription({ fields }: { readonly fields: PostgresResult["fields"] }): void {
      this.#fields = fields;
    }

    override handleDataRow({ fields }: { readonly fields: unknown[] }): void {
      this.#rows.push(fields);
    }

    override handleCommandComplete({ text }: { readonly text: string }): void {
      this.#tag = text;
      if (this.#begin !== undefined) this.#begin.isDone = true;
    }

    override handleReadyForQuery(): void {
      const [command = ""] = this.#tag.split(" ", 1);
      const count = /\d+$/.exec(this.#tag)?.[0];
      const rowCount = count === undefined ? null : Number(count);
      this.callback(null, { command, rowCount, rows: this.#rows, fields: this.#fields });
    }
  }
  keepShape(RowsQuery, () => new RowsQuery({ text: "" }, () => {}, undefined));
  return RowsQuery;
}
