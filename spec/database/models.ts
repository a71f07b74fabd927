/** The models of the specs of databases and transactions. */
import { integer, Manager, Model, text } from "../../src/index.js";

class AccountManager extends Manager<typeof Account> {
  rich() {
    return this.getInstances({ where: Account.c.balance.gte(1000), orderBy: "owner" });
  }
}

export class Account extends Model("accounts", {
  id: integer().primaryKey(),
  owner: text().unique(),
  balance: integer().default(0),
}) {
  static override objects = new AccountManager(this);
}

export class Entry extends Model("entries", {
  id: integer().primaryKey(),
  accountId: integer()
    .nullable()
    .references(() => Account),
  run: text(),
  step: integer(),
}) {
  static override objects = new Manager(this);
}

export const models = [Account, Entry];

/** The owners of all accounts, in order. */
export async function owners(objects: Pick<typeof Account.objects, "getItems"> = Account.objects): Promise<string[]> {
  const items = await objects.getItems({ orderBy: "owner" });
  return items.map(({ owner }) => owner);
}
