/** Models that are made from a table's name. Compiled, never run. */
import { belongsTo, type Database, dynamicModel, hasMany, integer, Manager, sum, text } from "../../src/index.js";
import { expectType } from "./expect.js";

export async function dynamicModels(db: Database, use: (...values: unknown[]) => void) {
  const Typed = dynamicModel(db, "orders", { id: integer().primaryKey(), note: text().nullable() });
  const typed = await Typed.objects.get({ where: { note: "x" } });
  expectType<{ id: number; note: string | null }>()(typed.data);
  // @ts-expect-error there is no such column
  await Typed.objects.get({ where: { nope: "x" } });
  expectType<"orders">()(Typed.table);
  const Pair = dynamicModel(db, "app.pairs", { a: integer(), b: text() }, { primaryKey: ["a", "b"] });
  await Pair.find({ a: 1, b: "x" });
  // @ts-expect-error a key of two columns
  await Pair.find(1);

  const Loose = await dynamicModel(db, "orders");
  const loose = await Loose.objects.insert({ note: "x", total: 5 });
  use(loose.total * 2, loose.note.length, loose.data.total);
  await Loose.objects.getInstances({
    where: { total: 5, "customer.name": "x" },
    orderBy: ["-total", Loose.c.note.asc()],
  });
  await Loose.objects.getInstances({ where: Loose.c.total.gt(5) });
  await Loose.objects.getInstances({ where: Loose.c.note.startsWith("x") });
  await Loose.objects.aggregate({ total: sum("total") });
  await Loose.find(1);
  await Loose.find({ orderId: 1, line: 2 });
  await loose.update({ note: "y" });

  class Customer extends (await dynamicModel(db, "customers")) {
    static override objects = new Manager(this);
    get orders() {
      return hasMany(this, Order, "customerId");
    }
  }

  class Order extends (await dynamicModel(db, "orders")) {
    static override objects = new Manager(this);
    get customer() {
      return belongsTo(this, Customer, "customerId");
    }
  }

  const order = await Order.objects.get({ prefetch: "customer", where: { "customer.name": "x" } });
  use(order.customer.secondary?.name);
  const customers = await Customer.objects.getInstances({ prefetch: "orders", withCount: "orders" });
  for (const { orders, ordersCount, name } of customers) use(orders.length, orders.at(0)?.total, ordersCount, name);

  const films = await Loose.objects.getInstances({
    prefetch: ["actors", "inventories.rentals"],
    withCount: "actors",
    selectRelated: "language.country",
  });
  use(films[0]?.actorsCount, films[0]?.actors.length);
  await Loose.objects.getInstances({ prefetch: { inventories: { where: { n: 1 }, prefetch: "rentals" } } });
  await Loose.objects.getInstances({
    where: { actors: { some: { name: "x", films: { none: {} } } } },
    orderBy: "language.name",
  });
  await Loose.objects.insert({ name: "x", actors: [{ name: "y" }] });
}
