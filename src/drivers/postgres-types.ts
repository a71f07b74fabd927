import type { DriverValue } from "./driver.js";

/*
 * What of pg is used, described by its structure, so that rowkeeper compiles without pg.
 */

/** A query as pg takes it. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: readonly DriverValue[];
  /** Prepares the statement under this name on each connection that it runs on. */
  readonly name?: string;
  readonly rowMode: "array";
  readonly types: { getTypeParser(): (value: string) => string };
  /** The extended protocol refuses text of several statements. */
  readonly queryMode?: "extended";
}

/** A result as pg gives it. */
export interface PostgresResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: unknown[][];
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** Called once, with an error or a result; with several results where the text had several statements. */
export type PostgresCallback = (error: Error | null | undefined, result: PostgresResult | PostgresResult[]) => void;

/** A client of pg, checked out of a pool. */
export interface PostgresClient {
  query(query: PostgresQuery, callback: PostgresCallback): unknown;
  /** A query that sends itself and is told what the server answers. */
  query(query: { submit(connection: unknown): unknown }): unknown;
  release(destroy?: boolean): void;
  /** Whether it sends a query while others are on their way. */
  readonly pipeline?: boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
  /** "I" outside a transaction; null or no such method where it isn't known. */
  getTransactionStatus?(): string | null;
  /** Where the server is, and what it wants to be told to cancel a query; without these none is cancelled. */
  readonly host?: string;
  readonly port?: number;
  readonly processID?: number | null;
  readonly secretKey?: number | null;
  /** `true`, or the options of `tls.connect`, of which a spread leaves out the key. */
  readonly ssl?: boolean | { readonly key?: string | undefined };
  readonly sslNegotiation?: string;
}

/** A pool of pg. */
export interface PostgresPool {
  readonly options: { readonly max?: number | undefined };
  connect(callback: (error: Error | undefined, client: PostgresClient | undefined) => void): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

/** The class `Pool` that pg exports. */
export type PostgresPoolConstructor = new (config: Readonly<Record<string, unknown>>) => PostgresPool;
