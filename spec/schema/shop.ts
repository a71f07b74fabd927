/** Thirty tables of a shop, with references of every kind: to itself, in a circle, of two columns, of one to one. */
import {
  array,
  bigint,
  boolean,
  date,
  integer,
  json,
  numeric,
  oneOf,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";
import { Table } from "../../src/sql/table.js";

const id = () => integer().primaryKey();
const to = (table: () => Table) => integer().references(table);

const Tenant: Table = new Table("tenants", {
  id: id(),
  ownerId: to(() => User).nullable(),
  name: text().unique(),
  plan: oneOf("free", "team", "enterprise").default("free"),
});
const User: Table = new Table("users", {
  id: id(),
  tenantId: to(() => Tenant),
  email: text().unique(),
  name: text(),
  createdAt: timestamp().defaultNow(),
  invitedBy: to(() => User).nullable(),
});
const Profile: Table = new Table("profiles", {
  userId: integer()
    .primaryKey()
    .references(() => User),
  bio: text().nullable(),
  avatarUrl: text().nullable(),
});
const Role: Table = new Table(
  "roles",
  { id: id(), tenantId: to(() => Tenant), name: varchar(40) },
  { unique: [["tenantId", "name"]] },
);
const UserRole: Table = new Table(
  "user_roles",
  { userId: to(() => User), roleId: to(() => Role) },
  { primaryKey: ["userId", "roleId"] },
);
const Permission: Table = new Table("permissions", { id: id(), code: varchar(60).unique() });
const RolePermission: Table = new Table(
  "role_permissions",
  { roleId: to(() => Role), permissionId: to(() => Permission) },
  { primaryKey: ["roleId", "permissionId"] },
);
const Session: Table = new Table("sessions", {
  id: uuid().primaryKey(),
  userId: to(() => User),
  expiresAt: timestamp(),
});
const Category: Table = new Table("categories", { id: id(), parentId: to(() => Category).nullable(), name: text() });
const Brand: Table = new Table("brands", { id: id(), name: text().unique() });
const Product: Table = new Table(
  "products",
  {
    id: id(),
    tenantId: to(() => Tenant),
    brandId: to(() => Brand).nullable(),
    sku: varchar(32),
    name: text(),
    price: numeric(10, 2),
    details: json().nullable(),
    tags: array(text()),
  },
  { unique: [["tenantId", "sku"]] },
);
const ProductCategory: Table = new Table(
  "product_categories",
  { productId: to(() => Product), categoryId: to(() => Category) },
  { primaryKey: ["productId", "categoryId"] },
);
const Variant: Table = new Table("variants", {
  id: id(),
  productId: to(() => Product),
  name: text(),
  stock: integer(),
});
const Warehouse: Table = new Table("warehouses", {
  id: id(),
  tenantId: to(() => Tenant),
  name: text(),
  addressId: to(() => Address).nullable(),
});
const Stock: Table = new Table(
  "stock_levels",
  { variantId: to(() => Variant), warehouseId: to(() => Warehouse), amount: integer() },
  { primaryKey: ["variantId", "warehouseId"] },
);
const Movement: Table = new Table(
  "stock_movements",
  { id: id(), variantId: integer(), warehouseId: integer(), amount: integer(), at: timestamp().defaultNow() },
  { foreignKeys: [{ columns: ["variantId", "warehouseId"], references: () => Stock, onDelete: "cascade" }] },
);
const Address: Table = new Table("addresses", {
  id: id(),
  userId: to(() => User).nullable(),
  street: text(),
  city: text(),
  country: varchar(2),
});
const Order: Table = new Table("orders", {
  id: id(),
  tenantId: to(() => Tenant),
  userId: to(() => User),
  shippingId: to(() => Address),
  billingId: to(() => Address).nullable(),
  isGift: boolean(),
  state: oneOf("cart", "placed", "paid", "shipped", "returned"),
  total: numeric(12, 2),
  placedAt: timestamp().nullable(),
});
const OrderLine: Table = new Table(
  "order_lines",
  { orderId: to(() => Order), line: integer(), variantId: to(() => Variant), amount: integer(), price: numeric(10, 2) },
  { primaryKey: ["orderId", "line"] },
);
const Shipment: Table = new Table("shipments", {
  id: id(),
  orderId: to(() => Order),
  warehouseId: to(() => Warehouse),
  carrier: text().nullable(),
  sentAt: timestamp().nullable(),
});
const ShipmentLine: Table = new Table(
  "shipment_lines",
  { shipmentId: to(() => Shipment), orderId: integer(), line: integer(), amount: integer() },
  {
    primaryKey: ["shipmentId", "orderId", "line"],
    foreignKeys: [{ columns: ["orderId", "line"], references: () => OrderLine }],
  },
);
const Payment: Table = new Table("payments", {
  id: id(),
  orderId: to(() => Order),
  amount: numeric(12, 2),
  method: text(),
  at: timestamp(),
});
const Refund: Table = new Table("refunds", {
  id: id(),
  paymentId: integer()
    .unique()
    .references(() => Payment),
  amount: numeric(12, 2),
});
const Review: Table = new Table(
  "reviews",
  { id: id(), productId: to(() => Product), userId: to(() => User), stars: integer(), body: text().nullable() },
  { unique: [["productId", "userId"]] },
);
const Coupon: Table = new Table("coupons", {
  id: id(),
  tenantId: to(() => Tenant),
  code: varchar(20),
  percent: integer(),
  until: date().nullable(),
});
const OrderCoupon: Table = new Table(
  "order_coupons",
  { orderId: to(() => Order), couponId: to(() => Coupon) },
  { primaryKey: ["orderId", "couponId"] },
);
const Supplier: Table = new Table("suppliers", { id: id(), tenantId: to(() => Tenant), name: text() });
const Purchase: Table = new Table("purchases", {
  id: id(),
  supplierId: to(() => Supplier),
  warehouseId: to(() => Warehouse),
  by: to(() => User),
});
const Audit: Table = new Table("audit_log", {
  id: bigint().primaryKey(),
  userId: to(() => User).nullable(),
  table: text(),
  change: json(),
  at: timestamp(),
});
const Setting: Table = new Table("settings", { key: text().primaryKey(), value: json() });

export const shop = [
  Tenant,
  User,
  Profile,
  Role,
  UserRole,
  Permission,
  RolePermission,
  Session,
  Category,
  Brand,
  Product,
  ProductCategory,
  Variant,
  Warehouse,
  Stock,
  Movement,
  Address,
  Order,
  OrderLine,
  Shipment,
  ShipmentLine,
  Payment,
  Refund,
  Review,
  Coupon,
  OrderCoupon,
  Supplier,
  Purchase,
  Audit,
  Setting,
];
