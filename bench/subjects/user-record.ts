import type { HashedUser, User, UserValues } from "../subject.js";

/** The class of the hand-written subjects: plain fields. */
export class UserRecord implements User {
  constructor(
    readonly id: number,
    readonly name: string,
    readonly email: string,
    readonly active: boolean,
    public numProducts: number | null,
    readonly createdAt: Date,
  ) {}

  static of(id: number, values: UserValues): UserRecord {
    return new UserRecord(id, values.name, values.email, values.active, values.numProducts, values.createdAt);
  }
}

/** The same with an id that is made of the values. */
export class HashedRecord implements HashedUser {
  constructor(
    readonly id: string,
    readonly name: string,
    readonly email: string,
    readonly active: boolean,
    public numProducts: number | null,
    readonly createdAt: Date,
  ) {}

  static of(id: string, values: UserValues): HashedRecord {
    return new HashedRecord(id, values.name, values.email, values.active, values.numProducts, values.createdAt);
  }
}
