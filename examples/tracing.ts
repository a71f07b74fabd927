/**
 * Spans out of what rowkeeper publishes on its diagnostics channels, by OpenTelemetry's conventions for databases.
 *
 * `npx tsx examples/tracing.ts` prints them. With a tracer of OpenTelemetry's, `startSpan` and `endSpan` are
 * `tracer.startSpan(name, { kind, attributes })` and `span.end()`; nothing else changes.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import {
  belongsTo,
  Database,
  hasMany,
  integer,
  Manager,
  Model,
  type QueryMessage,
  text,
} from "rowkeeper";

interface Span {
  readonly name: string;
  readonly parent: Span | undefined;
  readonly attributes: Record<string, string | number>;
}

const current = new AsyncLocalStorage<Span>();
const ended: Span[] = [];

function startSpan(name: string): Span {
  return { name, parent: current.getStore(), attributes: {} };
}

function endSpan(span: Span): void {
  ended.push(span);
}

/** What is known at the start, by the names of the conventions. */
function attributesOf(
  message: QueryMessage,
): Record<string, string | number> {
  return defined({
    "db.system.name": message.system,
    "db.namespace": message.namespace,
    "db.query.text": message.sql, // placeholders in place of values, always
    "db.operation.name": message.operation,
    "db.collection.name": message.collection,
    "server.address": message.address,
    "server.port": message.port,
  });
}

/** What is known at the end. */
function outcomeOf(message: QueryMessage): Record<string, string | number> {
  const isSelect = message.operation === "select";
  return defined({
    "db.response.returned_rows": isSelect ? message.rowCount : undefined,
    "error.type":
      message.error instanceof Error ? message.error.name : undefined,
  });
}

function defined(
  attributes: Record<string, string | number | undefined>,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

const spans = new WeakMap<object, Span>();

channel("tracing:rowkeeper:query:start").subscribe((published) => {
  const message = published as QueryMessage;
  // "{operation} {collection}" is how the conventions call the span of a statement.
  const span = startSpan(
    [message.operation, message.collection].filter(Boolean).join(" ") ||
      message.system,
  );
  Object.assign(span.attributes, attributesOf(message));
  spans.set(message, span);
});

// Published once for each statement, on both engines, whether it failed or not.
channel("tracing:rowkeeper:query:asyncEnd").subscribe((published) => {
  const message = published as QueryMessage;
  const span = spans.get(message);
  if (span === undefined) return;
  Object.assign(span.attributes, outcomeOf(message));
  endSpan(span);
});

// From here on a program like any other.

class Author extends Model("example_authors", {
  id: integer().primaryKey(),
  name: text().unique(),
}) {
  static override objects = new Manager(this);
  get books() {
    return hasMany(this, Book, "authorId");
  }
}

class Book extends Model("example_books", {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references(() => Author, { onDelete: "cascade" }),
}) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, Author, "authorId");
  }
}

const url = process.env.DATABASE_URL || "sqlite::memory:";
await using db = new Database(url, { models: [Author, Book] });
await db.createAll();

const request = startSpan("GET /authors");
await current.run(request, async () => {
  const author = await Author.objects.insert({ name: "Ursula" });
  await Author.objects.transaction(async (tx) => {
    await Book.objects
      .using(tx)
      .insert({ title: "The Word for World", authorId: author.data.id });
  });
  await Author.objects.insert({ name: "Ursula" }).catch(() => {});
  for (const { books } of await Author.objects.getInstances({
    prefetch: ["books"],
  }))
    console.log(books.length, "book");
});
endSpan(request);

await db.dropAll();

for (const span of ended.filter(
  ({ parent, name }) => parent === request || name === request.name,
)) {
  console.log(`${span.parent === undefined ? "" : "  "}${span.name}`);
  const { "db.query.text": sql, ...others } = span.attributes;
  for (const [name, value] of Object.entries(others))
    console.log(`      ${name}: ${value}`);
  if (sql !== undefined) console.log(`      db.query.text: ${sql}`);
}
