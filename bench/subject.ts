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

/** Ten statements, each awaited before the next: four finds, three updates, three inserts. */
export interface Work {
  /** Found one by one; the first three get one product more. */
  readonly ids: readonly [number, number, number, number];
  readonly values: readonly [UserValues, UserValues, UserValues];
}

/** One way to talk to the database: what is measured. */
export interface Subject {
  find(id: number): Promise<User>;
  page(page: Page): Promise<readonly User[]>;
  all(): Promise<readonly User[]>;
  insert(values: UserValues): Promise<User>;
  /** The instances, in the order of the values. */
  insertMany(values: readonly UserValues[]): Promise<readonly User[]>;
  /** The number of rows changed. */
  update(id: number, change: UserChange): Promise<number>;
  /** The four that were found, as they are after the updates, and the three inserted. */
  transaction(work: Work): Promise<readonly User[]>;
  close(): Promise<void>;
}

/** Opens a subject on a database that holds the table and its rows already: a file's path, or a URL. */
export type OpenSubject = (location: string) => Promise<Subject>;
