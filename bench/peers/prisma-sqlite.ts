import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import type { OpenSubject } from "../subject.js";
import { PrismaClient } from "./prisma/generated/sqlite/client.js";
import { subjectOf } from "./prisma-subject.js";

type Adapter = Awaited<ReturnType<PrismaBetterSqlite3["connect"]>>;
type Queryable = Pick<Adapter, "queryRaw" | "executeRaw">;
type Query = Parameters<Adapter["queryRaw"]>[0];

/** The adapter with the settings of all subjects. Its own texts of times end in +00:00, those of this file in Z. */
class Adapters extends PrismaBetterSqlite3 {
  override async connect(): Promise<Adapter> {
    const adapter = await super.connect();
    await adapter.executeScript("pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on");
    const start = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolation) => writingZ(await start(isolation));
    return writingZ(adapter);
  }
}

function writingZ<T extends Queryable>(queryable: T): T {
  const queryRaw = queryable.queryRaw.bind(queryable);
  const executeRaw = queryable.executeRaw.bind(queryable);
  queryable.queryRaw = (query) => queryRaw(withZ(query));
  queryable.executeRaw = (query) => executeRaw(withZ(query));
  return queryable;
}

function withZ(query: Query): Query {
  if (query.argTypes.every(({ scalarType }) => scalarType !== "datetime")) return query;
  const isTime = (index: number) => query.argTypes[index]?.scalarType === "datetime";
  return {
    sql: query.sql,
    args: query.args.map((arg, index) =>
      isTime(index) && (typeof arg === "string" || arg instanceof Date) ? new Date(arg).toISOString() : arg,
    ),
    argTypes: query.argTypes.map((type, index) => (isTime(index) ? { ...type, scalarType: "string" } : type)),
  };
}

export const open: OpenSubject = async (location) =>
  subjectOf(new PrismaClient({ adapter: new Adapters({ url: location }) }));
