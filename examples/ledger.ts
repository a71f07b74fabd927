/**
 * Double-entry book-keeping between two banks, in books that can be audited: the id of each record is the hash of its
 * content, and what is deleted is kept.
 *
 * `npx tsx examples/ledger.ts` runs it on SQLite, in memory. With DATABASE_URL set it runs there, in tables that it drops
 * at its end; two of them are `deleted_records` and `attachments`, so it refuses a database that has those.
 */
import {
  Attachment,
  belongsTo,
  bigint,
  contains,
  Database,
  DeletedModel,
  date,
  HashedManager,
  HashedModel,
  hasMany,
  integer,
  oneOf,
  type Scoped,
  sql,
  sum,
  text,
  UsageError,
} from "rowkeeper";

/** Who keeps books, or has an account in them. */
class Identity extends HashedModel("example_identities", {
  name: text().unique(),
}) {
  static override objects = new HashedManager(this);
}

/** The books of a bank. */
class Ledger extends HashedModel("example_ledgers", {
  currency: text(),
  identityId: text().references(() => Identity),
}) {
  static override objects = new HashedManager(this);
  get identity() {
    return belongsTo(this, Identity, "identityId");
  }
  get accounts() {
    return hasMany(this, Account, "ledgerId");
  }
}

/** What a bank has stands on its debit accounts, what it owes on its credit accounts. */
class Account extends HashedModel("example_accounts", {
  name: text(),
  side: oneOf("debit", "credit"),
  ledgerId: text()
    .references(() => Ledger)
    .index(),
}) {
  static override objects = new HashedManager(this);
}

class EntryManager extends HashedManager<typeof Entry> {
  /** What stands on an account, more than nothing on its own side. */
  async balance({ id, side: own }: Account): Promise<bigint> {
    const sides = await this.aggregate(
      { cents: sum("cents") },
      { where: { accountId: id }, groupBy: "side" },
    );
    return sides.reduce(
      (all, { side, cents }) =>
        all + (side === own ? (cents ?? 0n) : -(cents ?? 0n)),
      0n,
    );
  }
}

/** A line in a book. The number tells two apart that say the same, as they would have one id. */
class Entry extends HashedModel("example_entries", {
  number: text().unique(),
  side: oneOf("debit", "credit"),
  cents: bigint(),
  accountId: text()
    .references(() => Account)
    .index(),
}) {
  static override objects = new EntryManager(this);
}

/** Entries that are made together. Their ids are of its content, so that its own id vouches for them. */
class Transaction extends HashedModel("example_transactions", {
  number: integer().unique(),
  day: date(),
  subject: text(),
  entryIds: text().default(""), // the relation's to fill
}) {
  static override objects = new HashedManager(this);
  get entries() {
    return contains(this, Entry, "entryIds");
  }
}

/** How much the banks may owe each other. It changes, and each version names the one before it. */
class Agreement extends HashedModel(
  "example_agreements",
  { name: text().unique(), limit: bigint(), signedBy: text() },
  { history: true },
) {
  static override objects = new HashedManager(this);
}

const models = [
  Identity,
  Ledger,
  Account,
  Entry,
  Transaction,
  Agreement,
  Attachment,
];

/** A new bank's books. */
async function openBank(name: string, other: string, customer: string) {
  const identity = await Identity.objects.insert({ name });
  const ledger = await Ledger.objects.insert({ currency: "EUR", identity });
  const open = (name: string, side: Account["side"]) =>
    Account.objects.insert({ name, side, ledgerId: ledger.id });
  return {
    name,
    cash: await open("Cash", "debit"),
    owed: await open(`Owed by ${other}`, "debit"),
    owing: await open(`Owed to ${other}`, "credit"),
    customer: await open(customer, "credit"),
  };
}

type Bank = Awaited<ReturnType<typeof openBank>>;
type Line = readonly [side: Entry["side"], account: Account];

/** Writes the lines, all of one amount, with the transaction that they belong to: all or none. */
function post(
  within: Scoped,
  values: { number: number; day: string; subject: string },
  cents: bigint,
  lines: readonly Line[],
) {
  const entries = lines.map(([side, account], at) => ({
    number: `${values.number}.${at + 1}`,
    side,
    cents,
    accountId: account.id,
  }));
  return Transaction.objects.using(within).insert({ ...values, entries });
}

/** A customer of one bank pays one of the other, as long as the banks agree to owe each other so much. */
function pay(
  from: Bank,
  to: Bank,
  cents: bigint,
  values: Parameters<typeof post>[1],
) {
  return Agreement.objects.transaction(async (tx) => {
    // Locked, so that two payments at a time don't both find room for one.
    const { limit } = await tx.get({ lock: "update" });
    const owing = await Entry.objects.using(tx).balance(from.owing);
    if (owing + cents > limit)
      throw new RangeError(
        `${from.name} would owe ${euros(owing + cents)}, with a limit of ${euros(limit)}`,
      );
    return post(tx, values, cents, [
      ["debit", from.customer],
      ["credit", from.owing],
      ["debit", to.owed],
      ["credit", to.customer],
    ]);
  });
}

function euros(cents: bigint): string {
  return `€${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
}

async function showBalances(): Promise<void> {
  const ledgers = await Ledger.objects.getInstances({
    orderBy: "identity.name",
    selectRelated: "identity",
    prefetch: { accounts: { orderBy: ["-side", "name"] } },
  });
  for (const { identity, accounts } of ledgers) {
    console.log(`  ${identity.secondary.name}`);
    for (const account of accounts) {
      const balance = euros(await Entry.objects.balance(account));
      console.log(
        `    ${account.name.padEnd(14)} ${balance.padStart(9)}  ${account.side}`,
      );
    }
  }
}

/** Whether debits are credits: in each transaction, in all, and between the banks. */
async function auditBalances(banks: readonly [Bank, Bank]): Promise<void> {
  const transactions = await Transaction.objects.getInstances({
    orderBy: "number",
    prefetch: "entries",
  });
  let all = 0n;
  const listed = new Set<string>();
  for (const { number, entries, entryIds } of transactions) {
    let difference = 0n;
    for (const { id, side, cents } of entries) {
      listed.add(id);
      difference += side === "debit" ? cents : -cents;
      if (side === "debit") all += cents;
    }
    if (difference !== 0n)
      console.log(`  ${number} is out of balance by ${euros(difference)}`);
    if (entries.length < entryIds.split(",").length)
      console.log(`  ${number} has entries that are not there`);
  }
  const alone = await Entry.objects.count({
    where: Entry.c.id.notIn([...listed]),
  });
  if (alone > 0) console.log(`  ${alone} entries are of no transaction`);
  console.log(
    `  ${transactions.length} transactions, ${euros(all)} on either side; the banks' books ` +
      ((await isMirrored(banks)) ? "agree" : "disagree"),
  );
}

/** Whether what each bank owes the other is what the other has in its books. */
async function isMirrored([one, other]: readonly [Bank, Bank]) {
  const accounts = [one.owing, other.owed, other.owing, one.owed];
  const [owes, isOwed, owed, has] = await Promise.all(
    accounts.map((account) => Entry.objects.balance(account)),
  );
  return owes === isOwed && owed === has;
}

/** Whether each record, deleted ones and older versions too, is what its id was made of. */
async function auditRecords(): Promise<void> {
  let problems = 0;
  for (const { name, objects } of models)
    for await (const { id, reason } of objects.verifyAll()) {
      problems += 1;
      console.log(`  ${name} ${id.slice(0, 8)}…: ${reason}`);
    }
  console.log(`  ${problems} problems in ${models.length} tables`);
}

/**
 * What somebody does who knows SQL: other amounts on all lines of a transaction, so that it still balances. Who knows how
 * ids are made changes these too.
 */
async function forge(number: number, cents: bigint, ids: "kept" | "made") {
  const transaction = await Transaction.objects.get({
    where: { number },
    prefetch: "entries",
  });
  const entryIds: string[] = [];
  for (const { id, data } of transaction.entries) {
    const made = Entry.generateId({ ...data, cents });
    const other = ids === "kept" ? id : made;
    await db.query(
      sql`update example_entries set cents = ${cents}, id = ${other} where id = ${id}`,
    );
    entryIds.push(other);
  }
  if (ids === "kept") return;
  const held = entryIds.sort().join();
  const id = Transaction.generateId({
    ...transaction.data,
    entryIds: held,
  });
  await db.query(
    sql`update example_transactions set id = ${id}, entry_ids = ${held} where number = ${number}`,
  );
}

const url = process.env.DATABASE_URL || "sqlite::memory:";
await using db = new Database(url, { models });
await db.reflect();
for (const { table } of [DeletedModel, ...models])
  if (db.tables.has(table))
    throw new UsageError(`${table} is there already, and would be dropped`);
await db.createAll();
try {
  const ash = await openBank("Ash Bank", "Birch", "Ada");
  const birch = await openBank("Birch Bank", "Ash", "Ben");
  const banks = [ash, birch] as const;
  const agreement = await Agreement.objects.insert({
    name: "Ash and Birch",
    limit: 200_00n,
    signedBy: "C. Ash",
  });

  await post(
    db,
    { number: 1, day: "2025-03-03", subject: "Ada pays in" },
    1000_00n,
    [
      ["debit", ash.cash],
      ["credit", ash.customer],
    ],
  );
  await post(
    db,
    { number: 2, day: "2025-03-03", subject: "Ben pays in" },
    500_00n,
    [
      ["debit", birch.cash],
      ["credit", birch.customer],
    ],
  );
  const books = { number: 3, day: "2025-03-04", subject: "Books" };
  const payment = await pay(ash, birch, 120_00n, books);
  await new Attachment()
    .attachTo(payment)
    .setDetails({ invoice: "2025-117", at: new Date("2025-03-04T10:30Z") })
    .save();

  const shelf = { number: 4, day: "2025-03-05", subject: "A shelf" };
  const refused = await pay(ash, birch, 300_00n, shelf).catch(
    (error: unknown) => {
      if (error instanceof RangeError) return error.message;
      throw error;
    },
  );
  console.log(`Refused: ${refused}`);
  await agreement.update({ limit: 1000_00n, signedBy: "D. Birch" });
  await pay(ash, birch, 300_00n, shelf);
  await pay(birch, ash, 45_00n, {
    number: 5,
    day: "2025-03-06",
    subject: "A shelf, a part of it back",
  });

  console.log("\nBalances");
  await showBalances();
  console.log("\nThe agreement");
  for (const { data, until } of await agreement.history())
    console.log(
      `  ${euros(data.limit).padStart(8)}, signed by ${data.signedBy}${until === null ? ", is in force" : ""}`,
    );
  console.log("\nNotes on 3");
  for (const note of await Transaction.attachments(payment))
    console.log(" ", note.getDetails());

  console.log("\nThe audit");
  await auditBalances(banks);
  await auditRecords();
  // What the auditor keeps elsewhere: of all transactions, which vouch for their entries, and that one of them is there.
  const head = await Transaction.objects.head();
  const proof = await Transaction.objects.prove(payment.id);
  console.log(`  the head of the transactions: ${head}`);
  console.log(
    `  3 is one of them, by a proof of ${proof.steps.length} hashes: ${Transaction.verifyProof(payment, proof, head)}`,
  );
  const other = { ...payment.data, day: "2025-03-05" };
  console.log(
    `  3 on another day: ${Transaction.verifyProof(other, proof, head)}`,
  );
  const isAsKept = async () => (await Transaction.objects.head()) === head;

  console.log("\nSomebody makes 4500.00 of 45.00, by SQL");
  await forge(5, 4500_00n, "kept");
  await auditBalances(banks);
  await auditRecords();

  console.log("\nSomebody makes the ids fit as well");
  await forge(5, 4500_00n, "made");
  await auditBalances(banks);
  await auditRecords();
  console.log(`  the head is as it was kept: ${await isAsKept()}`);
  await forge(5, 45_00n, "made");
  console.log(`  and with 45.00 again: ${await isAsKept()}`);

  console.log("\nA clerk deletes 3");
  await payment.delete();
  await auditBalances(banks);
  console.log(`  the head is as it was kept: ${await isAsKept()}`);
  for (const tombstone of await DeletedModel.records(Transaction)) {
    const { number, subject } = await tombstone.restore();
    console.log(`  ${number}, ${subject}, was deleted and is back`);
  }
  await auditBalances(banks);
  await auditRecords();
  console.log(`  the head is as it was kept: ${await isAsKept()}`);
} finally {
  await db.dropAll();
}
