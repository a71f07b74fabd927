import type { Driver, DriverConnection, MaybePromise } from "../../src/index.js";

/** A driver that passes all on, and tells of each statement that is sent, those of transactions included. */
export function countingDriver(driver: Driver, onStatement: (text: string) => void): Driver {
  const wrap = (connection: DriverConnection) => countingConnection(connection, onStatement);
  return {
    dialect: driver.dialect,
    concurrentWriters: driver.concurrentWriters,
    run(statement, waiting) {
      onStatement(statement.text);
      return driver.run(statement, waiting);
    },
    connect(access, waiting): MaybePromise<DriverConnection> {
      const connection = driver.connect(access, waiting);
      return connection instanceof Promise ? connection.then(wrap) : wrap(connection);
    },
    cursor(statement, size, waiting) {
      onStatement(statement.text);
      return driver.cursor(statement, size, waiting);
    },
    close: () => driver.close(),
  };
}

function countingConnection(connection: DriverConnection, onStatement: (text: string) => void): DriverConnection {
  const told =
    <A extends unknown[], R>(name: string, action: (...args: A) => R) =>
    (...args: A): R => {
      onStatement(name);
      return action(...args);
    };
  return {
    turn: () => connection.turn?.(),
    run(statement) {
      onStatement(statement.text);
      return connection.run(statement);
    },
    runMany(statement, sets) {
      for (const _ of sets) onStatement(statement.text);
      return connection.runMany(statement, sets);
    },
    cursor(statement, size) {
      onStatement(statement.text);
      return connection.cursor(statement, size);
    },
    script: told("script", (text, signal) => connection.script(text, signal)),
    begin: told("begin", (options) => connection.begin(options)),
    commit: told("commit", () => connection.commit()),
    rollback: told("rollback", () => connection.rollback()),
    savepoint: told("savepoint", (name) => connection.savepoint(name)),
    release: told("release", (name) => connection.release(name)),
    rollbackTo: told("rollback to", (name) => connection.rollbackTo(name)),
    close: () => connection.close(),
  };
}
