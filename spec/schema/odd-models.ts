/** Models with all that can be said of columns and tables, and with names that are hard to write. */
import {
  array,
  bigint,
  boolean,
  bytes,
  date,
  integer,
  json,
  Model,
  numeric,
  oneOf,
  real,
  sql,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";

export class Everything extends Model("everything", {
  id: bigint().primaryKey(),
  anInteger: integer().default(-5),
  aBigint: bigint().default(2n ** 53n),
  aReal: real().default(-0.5),
  endless: real().default(Number.POSITIVE_INFINITY),
  aNumeric: numeric().default("1.50"),
  aPrice: numeric(12, 3).nullable().index(),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for a value
  aText: text().default('it\'s `${a}` \\ \n "b"'),
  aVarchar: varchar(5).unique(),
  aBoolean: boolean().default(true),
  aTimestamp: timestamp().default(new Date("2020-02-29T12:00:00.123Z")),
  madeAt: timestamp().defaultNow(),
  aDate: date().defaultNow(),
  aUuid: uuid().default("0f8fad5b-d9cb-469f-a165-70867728950e"),
  aJson: json().default({ a: [1, null, "x"] }),
  someBytes: bytes().default(Uint8Array.of(0, 255)),
  aState: oneOf("draft", "it's", 'say "x"', "\\").default("draft"),
  bigints: array(bigint().nullable()).default([1n, null]),
  states: array(oneOf("a", "b")).default(["a"]),
  computed: integer().defaultSql(sql`1 + 1`),
  checked: text().check(sql`checked <> '\`\\' and checked <> '$' || '{x}'`).check(sql`checked <> 'b'`),
}) {}

/** What it is called would hide what every model has, or isn't made of its property. */
export class Manager extends Model("managers", {
  id: integer().primaryKey(),
  kept: text().column("data"),
  size: integer().column("SIZE"),
  "a name": text(),
  upTo: text().column("constructor"),
}) {}

export class DateRow extends Model(
  "dates",
  { region: varchar(2), number: integer(), day: date(), note: text().nullable() },
  {
    primaryKey: ["region", "number"],
    unique: [["day", "number"]],
    indexes: [
      ["note"],
      { columns: ["-day", "note"], name: "by day" },
      { columns: ["number"], unique: true, where: sql`note is not null` },
    ],
    checks: [sql`number > 0`],
    timestamps: { createdAt: "made", updatedAt: false },
    softDelete: "goneAt",
  },
) {}

/** Refers by keys of several columns, to its own rows, and twice to the same model. */
export class Detail extends Model(
  "Date Details",
  {
    key: text().primaryKey(),
    dateRegion: varchar(2),
    dateNumber: integer(),
    otherDay: date().nullable(),
    otherNumber: integer().nullable(),
    parentKey: text()
      .nullable()
      .references(() => Detail, { onDelete: "set null", onUpdate: "cascade" }),
    managerId: integer().references(() => Manager),
    helper: integer()
      .nullable()
      .references(() => Manager, { onDelete: "restrict" }),
    everything: varchar(5)
      .nullable()
      .references(() => Everything, { column: "aVarchar" }),
  },
  {
    foreignKeys: [
      { columns: ["dateRegion", "dateNumber"], references: () => DateRow, onDelete: "cascade" },
      { columns: ["otherDay", "otherNumber"], references: () => DateRow, referenced: ["day", "number"] },
    ],
  },
) {}

/** One for each manager; and a column that is called as its relation would be. */
export class Sale extends Model("2020_sales", {
  manager: text(),
  managerId: integer()
    .primaryKey()
    .references(() => Manager),
}) {}

/** A junction with a key of its own. */
export class Share extends Model(
  "shares",
  {
    id: integer().primaryKey(),
    detailKey: text().references(() => Detail),
    saleId: integer().references(() => Sale),
    note: text().nullable(),
  },
  { unique: [["saleId", "detailKey"]] },
) {}

export const ODD_MODELS = [Everything, Manager, DateRow, Detail, Sale, Share];
