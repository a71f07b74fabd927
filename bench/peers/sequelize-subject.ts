import { col, fn, Op, type Sequelize, type Transaction } from "sequelize";
import type { Group, Subject, UserValues } from "../subject.js";
import { PostModel, UserModel } from "./sequelize-models.js";

/** Rows per insert: their values are in the text, of which SQLite takes a million characters. */
const chunkSize = 1000;

function toGroup(row: UserModel): Group {
  return {
    active: row.active,
    users: Number(row.get("users")),
    products: toNumber(row.get("products")),
    most: toNumber(row.get("most")),
  };
}

/** pg gives a sum as text. */
function toNumber(value: unknown): number | null {
  return value === null ? null : Number(value);
}

async function insertAll(values: readonly UserValues[], transaction: Transaction): Promise<UserModel[]> {
  const users: UserModel[] = [];
  for (let index = 0; index < values.length; index += chunkSize) {
    for (const user of await UserModel.bulkCreate(values.slice(index, index + chunkSize), { transaction })) {
      users.push(user);
    }
  }
  return users;
}

const tags = { association: "tags", through: { attributes: [] } };

/** Sequelize as its documentation says. */
export function subjectOf(sequelize: Sequelize): Subject {
  return {
    find: (id) => UserModel.findByPk(id, { rejectOnEmpty: true }),
    page: ({ moreThan, limit, offset }) =>
      UserModel.findAll({
        where: { active: true, numProducts: { [Op.gt]: moreThan } },
        order: [
          ["createdAt", "DESC"],
          ["name", "ASC"],
        ],
        limit,
        offset,
      }),
    all: () => UserModel.findAll(),
    slice: ({ after, limit }) => UserModel.findAll({ where: { id: { [Op.gt]: after } }, order: ["id"], limit }),
    count: (moreThan) => UserModel.count({ where: { active: true, numProducts: { [Op.gt]: moreThan } } }),
    async groups(after) {
      const rows = await UserModel.findAll({
        attributes: [
          "active",
          [fn("count", col("*")), "users"],
          [fn("sum", col("num_products")), "products"],
          [fn("max", col("num_products")), "most"],
        ],
        where: { id: { [Op.gt]: after } },
        group: ["active"],
        order: ["active"],
      });
      return rows.map(toGroup);
    },
    insert: (values) => UserModel.create(values),
    insertMany: (values) => sequelize.transaction((transaction) => insertAll(values, transaction)),
    saveMany: (users) =>
      UserModel.bulkCreate(users, {
        updateOnDuplicate: ["name", "email", "active", "numProducts", "createdAt"],
        conflictAttributes: ["id"],
      }),
    update: async (id, change) => (await UserModel.update(change, { where: { id } }))[0],
    updateMany: (changes) =>
      sequelize.transaction(async (transaction) => {
        let affected = 0;
        for (const { id, ...change } of changes) {
          affected += (await UserModel.update(change, { where: { id }, transaction }))[0];
        }
        return affected;
      }),
    transaction: ({ ids, values }) =>
      sequelize.transaction(async (transaction) => {
        const users: UserModel[] = [];
        for (const id of ids) users.push(await UserModel.findByPk(id, { transaction, rejectOnEmpty: true }));
        for (const user of users.slice(0, 3)) {
          await user.update({ numProducts: (user.numProducts ?? 0) + 1 }, { transaction });
        }
        for (const value of values) users.push(await UserModel.create(value, { transaction }));
        return users;
      }),
    selectInTurn: (emails) =>
      sequelize.transaction(async (transaction) => {
        const users: UserModel[] = [];
        for (const email of emails) {
          users.push(await UserModel.findOne({ where: { email }, transaction, rejectOnEmpty: true }));
        }
        return users;
      }),
    selectTogether: (emails) =>
      sequelize.transaction((transaction) =>
        Promise.all(emails.map((email) => UserModel.findOne({ where: { email }, transaction, rejectOnEmpty: true }))),
      ),
    selectThroughPool: (emails) =>
      Promise.all(emails.map((email) => UserModel.findOne({ where: { email }, rejectOnEmpty: true }))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const user = await UserModel.findByPk(id, { rejectOnEmpty: true });
          const posts = await PostModel.findAll({ where: { authorId: id }, order: ["id"], limit: 5 });
          return { user, posts, count: await PostModel.count({ where: { authorId: id } }) };
        }),
      ),
    usersWithPosts: ({ after, limit }) =>
      UserModel.findAll({
        where: { id: { [Op.gt]: after } },
        order: ["id"],
        limit,
        include: [{ association: "posts", separate: true, order: ["id"] }],
      }),
    postsWithAuthors: ({ after, limit }) =>
      PostModel.findAll({ where: { id: { [Op.gt]: after } }, order: ["id"], limit, include: ["author"] }),
    authorOf: (post: PostModel) => post.author,
    postsWithTags: ({ after, limit }) =>
      PostModel.findAll({
        where: { id: { [Op.gt]: after } },
        order: ["id", ["tags", "id", "ASC"]],
        limit,
        include: [tags],
      }),
    usersWithTaggedPosts: ({ after, limit }) =>
      UserModel.findAll({
        where: { id: { [Op.gt]: after } },
        order: ["id"],
        limit,
        include: [{ association: "posts", separate: true, order: ["id", ["tags", "id", "ASC"]], include: [tags] }],
      }),
    close: () => sequelize.close(),
  };
}
