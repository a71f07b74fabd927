/** Models that are related by keys that one of them holds. */
import {
  belongsTo,
  belongsToMany,
  bigint,
  contains,
  hasMany,
  hasOne,
  integer,
  junction,
  Manager,
  Model,
  sql,
  text,
  uuid,
  within,
} from "../../src/index.js";

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  handle: text().unique().nullable(),
}) {
  static override objects = new Manager(this);

  get posts() {
    return hasMany(this, Post, "authorId");
  }
  get avatar() {
    return hasOne(this, Avatar);
  }
  /** Its key is not nullable. */
  get passport() {
    return hasOne(this, Passport, "holderId");
  }
  /** Their key is not nullable. */
  get visits() {
    return hasMany(this, Visit);
  }
  /** By another column than the primary key. */
  get mentions() {
    return hasMany(this, Mention, "handle");
  }
}

export class Admin extends User {
  static override objects = new Manager(this);
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text().check(sql`title <> 'bad'`),
  slug: text().unique().nullable(),
  authorId: integer()
    .nullable()
    .references(() => User, { onDelete: "set null" }),
}) {
  static override objects = new Manager(this);

  get author() {
    return belongsTo(this, User, "authorId");
  }
}

export class Avatar extends Model("avatars", {
  id: integer().primaryKey(),
  url: text(),
  userId: integer()
    .nullable()
    .unique()
    .references(() => User),
}) {
  static override objects = new Manager(this);

  get user() {
    return belongsTo(this, User);
  }
}

export class Passport extends Model("passports", {
  id: integer().primaryKey(),
  number: text(),
  holderId: integer()
    .unique()
    .references(() => User),
}) {
  static override objects = new Manager(this);

  get holder() {
    return belongsTo(this, User, "holderId");
  }
}

/** Nothing keeps its key from leading nowhere. */
export class Visit extends Model(
  "visits",
  { id: integer().primaryKey(), page: text(), userId: integer() },
  { timestamps: true },
) {
  static override objects = new Manager(this);

  get user() {
    return belongsTo(this, User, "userId");
  }
}

export class Mention extends Model("mentions", {
  id: integer().primaryKey(),
  handle: text()
    .nullable()
    .references(() => User, { column: "handle" }),
}) {
  static override objects = new Manager(this);

  get user() {
    return belongsTo(this, User, "handle");
  }
}

export const BLOG = [User, Post, Avatar, Passport, Visit, Mention];

/** A key of two columns. */
export class Order extends Model(
  "orders",
  { region: text(), number: integer(), note: text().default("") },
  { primaryKey: ["region", "number"] },
) {
  static override objects = new Manager(this);

  get lines() {
    return hasMany(this, Line);
  }
  get returned() {
    return hasMany(this, Line, ["fromRegion", "fromNumber"]);
  }
}

export class Line extends Model("lines", {
  id: integer().primaryKey(),
  orderRegion: text().nullable(),
  orderNumber: integer().nullable(),
  fromRegion: text().nullable(),
  fromNumber: integer().nullable(),
}) {
  static override objects = new Manager(this);

  get order() {
    return belongsTo(this, Order);
  }
  get from() {
    return belongsTo(this, Order, ["fromRegion", "fromNumber"]);
  }
}

export class Country extends Model("countries", { code: text().primaryKey(), name: text() }) {
  static override objects = new Manager(this);

  get cities() {
    return hasMany(this, City, "countryCode");
  }
}

export class City extends Model("cities", { id: integer().primaryKey(), countryCode: text().nullable() }) {
  static override objects = new Manager(this);

  get country() {
    return belongsTo(this, Country, "countryCode");
  }
}

export class Device extends Model("devices", { id: uuid().primaryKey(), name: text() }) {
  static override objects = new Manager(this);

  get readings() {
    return hasMany(this, Reading);
  }
}

export class Reading extends Model("readings", { id: uuid().primaryKey(), deviceId: uuid().nullable() }) {
  static override objects = new Manager(this);

  get device() {
    return belongsTo(this, Device);
  }
}

/** The key is a bigint, and that of its entries an integer. */
export class Account extends Model("accounts", { id: bigint().primaryKey(), bankId: bigint().nullable() }) {
  static override objects = new Manager(this);

  get entries() {
    return hasMany(this, Entry);
  }
  get bank() {
    return belongsTo(this, Bank);
  }
}

export class Entry extends Model("entries", { id: bigint().primaryKey(), accountId: integer().nullable() }) {
  static override objects = new Manager(this);

  get account() {
    return belongsTo(this, Account);
  }
}

/** The key is an integer, and that of its accounts a bigint. */
export class Bank extends Model("banks", { id: integer().primaryKey(), name: text() }) {
  static override objects = new Manager(this);

  get accounts() {
    return hasMany(this, Account);
  }
}

export const KEYED = [Order, Line, Country, City, Device, Reading, Account, Entry, Bank];

/** Holds the ids of others of its own. */
export class Node extends Model("nodes", {
  id: integer().primaryKey(),
  name: text().check(sql`name <> 'bad'`),
  nodeIds: text().default(""),
}) {
  static override objects = new Manager(this);

  get parents() {
    return contains(this, Node);
  }
  get children() {
    return within(this, Node);
  }
  get links() {
    return belongsToMany(this, Node, Link, "fromId", "toId");
  }
  get linkedFrom() {
    return belongsToMany(this, Node, Link, "toId", "fromId");
  }
}

export class Link extends junction("links", { fromId: () => Node, toId: () => Node }) {}

/** Holds the ids of words, whose keys are text, and of things, whose keys are uuids. */
export class Shelf extends Model("shelves", {
  id: text().primaryKey(),
  wordIds: text().nullable(),
  listed: text().default(""),
}) {
  static override objects = new Manager(this);

  get words() {
    return contains(this, Word);
  }
  get things() {
    return contains(this, Thing, "listed");
  }
}

export class Word extends Model("words", { id: text().primaryKey() }) {
  static override objects = new Manager(this);

  get shelves() {
    return within(this, Shelf);
  }
}

export class Thing extends Model("things", { id: uuid().primaryKey() }) {
  static override objects = new Manager(this);

  get shelves() {
    return within(this, Shelf, "listed");
  }
}

export const LISTED = [Node, Link, Shelf, Word, Thing];

/** The first of a list, of which there must be one. */
export function only<T>([first, ...more]: readonly T[]): T {
  if (first === undefined || more.length > 0) throw new Error(`there is not one, but ${more.length + 1}`);
  return first;
}

export const idsOf = (instances: Iterable<{ readonly id: unknown }>) => [...instances].map(({ id }) => id);
