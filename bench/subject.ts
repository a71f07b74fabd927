/** The engines that are measured. */
export const engineNames = ["sqlite", "postgres"] as const;
export type EngineName = (typeof engineNames)[number];

/** What is written into a row; the id is the database's. */
export interface UserValues {
  readonly name: string;
  readonly email: string;
  readonly active: boolean;
  readonly numProducts: number | null;
  readonly createdAt: Date;
}

/** What a subject gives back for a row: an instance of a class of its own. */
export interface User extends UserValues {
  readonly id: number;
}

/** A row of `hashed_users`, whose id is the SHA-256 of its values. */
export interface HashedUser extends UserValues {
  readonly id: string;
}

/** A row of `posts`: many to one user, and to many tags by `post_tags`. */
export interface Post {
  readonly id: number;
  readonly title: string;
  readonly authorId: number;
}

export interface Tag {
  readonly id: number;
  readonly name: string;
}

export interface UserWithPosts extends User {
  /** By id. */
  readonly posts: Iterable<Post>;
}

export interface UserWithTaggedPosts extends User {
  /** By id. */
  readonly posts: Iterable<PostWithTags>;
}

export interface PostWithTags extends Post {
  /** By id. */
  readonly tags: Iterable<Tag>;
}

/** The first rows after an id, by id. */
export interface Slice {
  readonly after: number;
  readonly limit: number;
}

/** Active users with more than `moreThan` products: newest first, then by name. */
export interface Page {
  readonly moreThan: number;
  readonly limit: number;
  readonly offset: number;
}

/** What an update by key sets. */
export interface UserChange {
  readonly name: string;
  readonly numProducts: number;
}

/** What a bulk update sets of one row: for each row something else. */
export interface KeyedChange extends UserChange {
  readonly id: number;
}

/** Of the users that are active, or not: how many there are, and the sum and the largest of their products. */
export interface Group {
  readonly active: boolean;
  readonly users: number;
  readonly products: number | null;
  readonly most: number | null;
}

/** A request of three queries, each awaited before the next. */
export interface Request {
  readonly user: User;
  /** The first five posts of the user, by id. */
  readonly posts: readonly Post[];
  /** How many posts the user has. */
  readonly count: number;
}

/** Ten statements, each awaited before the next: four finds, three updates, three inserts. */
export interface Work {
  /** Found one by one; the first three get one product more. */
  readonly ids: readonly [number, number, number, number];
  readonly values: readonly [UserValues, UserValues, UserValues];
}

/** Rows that are loaded with what belongs to them, in a query for each kind. */
export interface Relations {
  usersWithPosts(slice: Slice): Promise<readonly UserWithPosts[]>;
  postsWithAuthors(slice: Slice): Promise<readonly Post[]>;
  /** The author of one that `postsWithAuthors` gave. */
  authorOf(post: Post): User;
  postsWithTags(slice: Slice): Promise<readonly PostWithTags[]>;
  /** Three levels deep. */
  usersWithTaggedPosts(slice: Slice): Promise<readonly UserWithTaggedPosts[]>;
}

/** The users with these emails, in their order: a select for each, of which none depends on another. */
export interface Selects {
  /** In one transaction, each awaited before the next. */
  selectInTurn(emails: readonly string[]): Promise<readonly User[]>;
  /** In one transaction, started together. */
  selectTogether(emails: readonly string[]): Promise<readonly User[]>;
  /** In none, started together: through the pool, where there is one. */
  selectThroughPool(emails: readonly string[]): Promise<readonly User[]>;
  /** In no transaction, a request for each id, all started together. */
  requests(ids: readonly number[]): Promise<readonly Request[]>;
}

/** One way to talk to the database: what is measured. */
export interface Subject extends Relations, Selects {
  find(id: number): Promise<User>;
  page(page: Page): Promise<readonly User[]>;
  all(): Promise<readonly User[]>;
  slice(slice: Slice): Promise<readonly User[]>;
  /** The number of active users with more than so many products. */
  count(moreThan: number): Promise<number>;
  /** Of the users with an id above `after`: the inactive, then the active. */
  groups(after: number): Promise<readonly Group[]>;
  insert(values: UserValues): Promise<User>;
  /** The instances, in the order of the values. */
  insertMany(values: readonly UserValues[]): Promise<readonly User[]>;
  /** The same, into the table whose ids are hashes of the values; other ORMs have no such thing. */
  insertHashed?(values: readonly UserValues[]): Promise<readonly HashedUser[]>;
  /** Makes the rows with these ids what is given, those that are there and those that aren't; gives the instances. */
  saveMany(users: readonly User[]): Promise<readonly User[]>;
  /** The number of rows changed. */
  update(id: number, change: UserChange): Promise<number>;
  /** All or none; the number of rows changed. */
  updateMany(changes: readonly KeyedChange[]): Promise<number>;
  /** The four that were found, as they are after the updates, and the three inserted. */
  transaction(work: Work): Promise<readonly User[]>;
  close(): Promise<void>;
}

/** Thrown where a subject has no way to do what is asked: it has no part in the trial then. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** Opens a subject on a database that holds the tables and their rows already: a file's path, or a URL. */
export type OpenSubject = (location: string) => Promise<Subject>;
