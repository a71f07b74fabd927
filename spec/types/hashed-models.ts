/** Models whose ids are made of their content, what is kept of them, and notes. Compiled, never run. */
import {
  Attachment,
  belongsTo,
  type Change,
  contains,
  type Database,
  type DeletedModel as Deleted,
  DeletedModel,
  type Differences,
  HashedManager,
  HashedModel,
  hasMany,
  integer,
  Manager,
  Model,
  oneOf,
  type Problem,
  type Proof,
  type Row,
  text,
  timestamp,
  type Version,
} from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";
import { User } from "./models.js";

class AccountManager extends HashedManager<typeof Account> {
  async isIntact() {
    for await (const problem of this.verifyAll()) {
      expectType<Problem>()(problem);
      return false;
    }
    return true;
  }
  debits() {
    return this.getInstances({ where: { side: "debit" }, prefetch: "entries" });
  }
}

class Account extends HashedModel("accounts", { name: text(), side: oneOf("debit", "credit").default("debit") }) {
  static override objects = new AccountManager(this);
  get entries() {
    return hasMany(this, Entry, "accountId");
  }
  get shown() {
    return `${this.name}, ${this.side}`;
  }
}

class Entry extends HashedModel("entries", {
  cents: integer(),
  read: integer().default(0).excludedFromHash(),
  accountId: text().references(() => Account),
}) {
  static override objects = new HashedManager(this);
  get account() {
    return belongsTo(this, Account, "accountId");
  }
}

class Batch extends HashedModel("batches", { title: text(), entryIds: text().default("") }) {
  static override objects = new HashedManager(this);
  get entries() {
    return contains(this, Entry, "entryIds");
  }
}

class Contract extends HashedModel(
  "contracts",
  { title: text(), limit: integer().nullable(), signedAt: timestamp() },
  { history: true, timestamps: true },
) {
  static override objects = new HashedManager(this);
}

/** One that declares no `objects`. */
class Plain extends HashedModel("plains", { label: text() }, { history: false }) {}

interface ContractRow {
  id: string;
  previousId: string | null;
  title: string;
  limit: number | null;
  signedAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export type Values = [
  Expect<Equal<keyof Row<typeof Account>, "id" | "name" | "side">>,
  Expect<Equal<keyof Row<typeof Plain>, "id" | "label">>,
  Expect<Equal<Account["id"], string>>,
  Expect<Equal<Account["side"], "debit" | "credit">>,
  Expect<Equal<Contract["previousId"], string | null>>,
  Expect<Equal<Contract["updatedAt"], Date>>,
  Expect<Equal<typeof Contract.table, "contracts">>,
];

// @ts-expect-error the manager of hashed models is a HashedManager
class Other extends HashedModel("others", { name: text() }) {
  static override objects = new Manager(this);
}
// @ts-expect-error a manager of another model
class Another extends HashedModel("anothers", { label: text() }) {
  // @ts-expect-error it is of accounts
  static override objects = new AccountManager(this);
}

export async function inserting() {
  const account = await Account.objects.insert({ name: "a" });
  expectType<Account>()(account);
  expectType<string>()(account.shown);
  expectType<Account>()(await Account.insert({ name: "a", side: "credit" }, { onDuplicate: "return" }));
  expectType<number>()(await Account.insert({ name: "a" }, { fetch: false }));
  expectType<Account[]>()(await Account.objects.insertMany([{ name: "a" }], { onDuplicate: "error" }));
  expectType<Plain>()(await Plain.insert({ label: "a" }));
  expectType<string>()((await Plain.objects.insert({ label: "a" })).id);
  // What is made by the model may be left out; an id that is given is another matter of no effect.
  expectType<Contract>()(await Contract.insert({ title: "a", signedAt: new Date(), limit: null }));
  await Account.insert({ id: "", name: "a" });
  expectType<Account>()(await new Account({ name: "a" }).save());

  // @ts-expect-error what to do with a duplicate is one of two
  await Account.insert({ name: "a" }, { onDuplicate: "replace" });
  // @ts-expect-error the name is missing
  await Account.insert({});
  // @ts-expect-error without a history there is no version before
  await Account.insert({ name: "a", previousId: null });
  // @ts-expect-error an id is text
  await Account.insert({ id: 1, name: "a" });
}

export async function asking(db: Database, account: Account) {
  expectType<Account | null>()(await Account.find("00"));
  // @ts-expect-error an id is text
  await Account.find(1);
  expectType<boolean>()(await Account.objects.isIntact());
  for await (const { id, reason } of Account.objects.verifyAll()) expectType<string>()(id + reason);
  expectType<AsyncGenerator<Problem, void, undefined>>()(Plain.objects.verifyAll());
  expectType<string>()(await Plain.objects.head());
  expectType<boolean>()(await account.verify());

  // The manager is of the same class, wherever it is bound to.
  await using tx = Account.objects.transaction();
  expectType<AccountManager>()(Account.objects.using(db));
  expectType<boolean>()(await tx.isIntact());
  expectType<string>()(await tx.head());

  const hashed = [Account, Entry, Contract, Attachment];
  for (const { objects, name } of hashed)
    for await (const { id } of objects.verifyAll()) expectType<string>()(name + id);
  // @ts-expect-error of other models there is nothing to be verified
  User.objects.verifyAll();
}

export async function proving(account: Account, contract: Contract) {
  const proof = await Account.objects.prove(account.id);
  expectType<Proof>()(proof);
  const head = await Account.objects.head();
  expectType<boolean>()(Account.verifyProof(account, proof, head));
  expectType<boolean>()(Account.verifyProof(account.data, proof, head));
  expectType<boolean>()(Account.verifyProof({ name: "a" }, JSON.parse(JSON.stringify(proof)), head));
  expectType<string>()(Account.generateId({ name: "a" }));
  expectType<Uint8Array>()(Account.preimage({ name: "a", side: "debit" }));
  Contract.generateId({ ...contract.data, limit: null });
  // @ts-expect-error the id of a record is text
  await Account.objects.prove(1);
  // @ts-expect-error an unknown column
  Account.generateId({ nmae: "a" });
  // @ts-expect-error a wrong value
  Account.preimage({ name: 1 });
  // @ts-expect-error a head is text
  Account.verifyProof(account, proof, proof);
}

export async function deleting(account: Account, contract: Contract) {
  const deleted = await account.delete();
  expectType<Deleted<Account>>()(deleted);
  expectType<string>()(deleted.recordId);
  expectType<Date>()(deleted.timestamp);
  const restored = await deleted.restore();
  expectType<Account>()(restored);
  expectType<string>()(restored.shown);
  expectType<Contract>()(await (await contract.delete({ suppressEvents: true })).restore({ suppressEvents: true }));

  const [tombstone] = await DeletedModel.records(Account, { orderBy: "-timestamp", limit: 1 });
  expectType<Deleted<Account> | undefined>()(tombstone);
  expectType<Account | undefined>()(await tombstone?.restore());
  const others = await DeletedModel.objects.getInstances({ where: { modelClass: "Account" } });
  expectType<Deleted[]>()(others);
  expectType<number>()(await DeletedModel.purge({ before: new Date(), model: Account }));

  // @ts-expect-error a time
  await DeletedModel.purge({ before: "2025-01-01" });
  // @ts-expect-error the time is missing
  await DeletedModel.purge({ model: Account });
  // @ts-expect-error an unknown column
  await DeletedModel.records(Account, { where: { nmae: "a" } });
  // @ts-expect-error nothing is hidden
  await account.restore();
}

export async function histories(contract: Contract, account: Account) {
  const versions = await contract.history();
  const [first] = versions;
  expectShape<ContractRow | undefined>()(first?.data);
  expectType<number | null | undefined>()(first?.data.limit);
  expectType<Change<number | null> | undefined>()(first?.changes.limit);
  expectType<Date | null | undefined>()(first?.changes.signedAt?.to ?? first?.until);
  const typed: Version<Row<typeof Contract>>[] = versions;
  expectType<string[]>()(typed.map(({ id }) => id));

  expectShape<ContractRow | null>()(await contract.asOf(new Date()));
  expectType<string | undefined>()((await contract.asOf("00"))?.title);
  const differences: Differences<Row<typeof Contract>> = await contract.diff("00", "01");
  expectType<Change<string> | undefined>()(differences.title);
  expectType<Contract>()(await contract.revertTo("00"));
  expectType<Contract>()(await contract.update({ limit: null }));

  // @ts-expect-error a time, or an id
  await contract.asOf(1);
  // @ts-expect-error two ids
  await contract.diff("00");
  // @ts-expect-error an unknown column
  first?.changes.lmit;
  // @ts-expect-error no history is kept
  await account.history();
  // @ts-expect-error no history is kept
  await account.revertTo("00");
  // @ts-expect-error no history is kept
  account.previousId;
}

export async function relations() {
  const [account] = await Account.objects.debits();
  expectType<number | undefined>()(account?.entries.secondary[0]?.cents);
  const entry = await Entry.objects.get({ selectRelated: "account" });
  expectType<string>()(entry.account.secondary.shown);
  await Entry.objects.insert({ cents: 1, account: { name: "a" } });
  const batch = await Batch.objects.insert({ title: "a", entries: [{ cents: 1, account: { name: "a" } }] });
  expectType<number | undefined>()(batch.entries.secondary[0]?.cents);
  await Entry.objects.getInstances({ where: { account: { name: "a" } }, orderBy: "account.name" });
  expectType<number | undefined>()((await Account.objects.withCount("entries"))[0]?.entriesCount);
  // @ts-expect-error an unknown column of the other
  await Entry.objects.getInstances({ where: { account: { nmae: "a" } } });
}

export async function notes(account: Account, user: User) {
  const note = await new Attachment().attachTo(user).setDetails({ seen: true }).save();
  expectType<Attachment>()(note);
  expectType<unknown>()(note.getDetails());
  expectType<Attachment[]>()(await Account.attachments(account));
  expectType<Attachment[]>()(await Attachment.of(user));
  expectType<Deleted<Attachment>>()(await note.delete());
  expectType<Attachment[]>()(await Attachment.objects.getInstances({ where: { relatedModel: "User" } }));
  // @ts-expect-error an instance
  new Attachment().attachTo("User");
}

export function refused() {
  expectType<string>()(new Other().id + new Another().id);
  // @ts-expect-error the key is the id
  HashedModel("t", { name: text() }, { primaryKey: ["name"] });
  // @ts-expect-error what is deleted is kept elsewhere
  HashedModel("t", { name: text() }, { softDelete: "deletedAt" });
  // @ts-expect-error true or false
  HashedModel("t", { name: text() }, { history: "yes" });
  // @ts-expect-error an unknown option
  HashedModel("t", { name: text() }, { histroy: true });
  // @ts-expect-error the option is of hashed models
  Model("t", { id: integer().primaryKey() }, { history: true });
}
