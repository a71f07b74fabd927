import { serverTimeout } from "./postgres-transaction.js";
import { timerDelay } from "./timer-delay.js";

/** What of a driver's options goes into the configuration of its pool; they are described there. */
interface PoolSettings {
  readonly config: Readonly<Record<string, unknown>>;
  readonly timeout: number;
  readonly idleTimeout?: number | undefined;
  readonly maxLifetime?: number | undefined;
  readonly statementTimeout?: number | undefined;
  readonly applicationName?: string | undefined;
}

/** The forms in which values are read, whatever the server, the database or the role would have by default. */
const FORMS = "-c bytea_output=hex -c DateStyle=ISO";

/** The configuration of pg's pool. */
export function poolConfig(settings: PoolSettings, max: number, prepare: boolean): Readonly<Record<string, unknown>> {
  const { config, timeout, idleTimeout, maxLifetime, statementTimeout } = settings;
  return {
    application_name: settings.applicationName ?? "rowkeeper",
    connectionTimeoutMillis: serverTimeout(timeout),
    pipeline: true,
    // PgBouncer refuses to connect with parameters that it doesn't know.
    ...(prepare && { lock_timeout: serverTimeout(timeout) }),
    ...(statementTimeout !== undefined && { statement_timeout: serverTimeout(statementTimeout) }),
    ...(idleTimeout !== undefined && { idleTimeoutMillis: timerDelay(idleTimeout) }),
    ...(maxLifetime !== undefined && { maxLifetimeSeconds: timerDelay(maxLifetime) / 1000 }),
    ...config,
    ...(prepare && withForms(config)),
    max,
  };
}

/** Adds the forms to the server's options, after those that pg would take from the URL, the configuration or PGOPTIONS. */
function withForms(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const url = typeof config.connectionString === "string" ? config.connectionString : undefined;
  const ofUrl =
    url === undefined ? undefined : new URLSearchParams(/\?([^#]*)/.exec(url)?.[1]).getAll("options").at(-1);
  const given = ofUrl || config.options || process.env.PGOPTIONS;
  return {
    // What the URL says comes before all else with pg.
    ...(url !== undefined && { connectionString: url.replace(/([?&])options=[^&#]*&?/g, "$1") }),
    options: typeof given === "string" && given !== "" ? `${given} ${FORMS}` : FORMS,
  };
}
