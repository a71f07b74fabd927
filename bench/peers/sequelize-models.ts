import { DataTypes, Model, type ModelAttributeColumnOptions, type Sequelize } from "sequelize";
import type { EngineName, Post, Tag, User, UserValues } from "../subject.js";

export class UserModel extends Model<User, UserValues & { id?: number }> implements User {
  declare id: number;
  declare name: string;
  declare email: string;
  declare active: boolean;
  declare numProducts: number | null;
  declare createdAt: Date;
  declare posts: PostModel[];
}

export class PostModel extends Model<Post> implements Post {
  declare id: number;
  declare title: string;
  declare authorId: number;
  declare author: UserModel;
  declare tags: TagModel[];
}

export class TagModel extends Model<Tag> implements Tag {
  declare id: number;
  declare name: string;
}

const active: Record<EngineName, ModelAttributeColumnOptions> = {
  sqlite: {
    type: DataTypes.INTEGER,
    get(this: Model) {
      return Boolean(this.getDataValue("active"));
    },
  },
  postgres: { type: DataTypes.BOOLEAN },
};

/** Sequelize knows booleans and times of SQLite by the types that columns are declared with, which strict tables lack. */
const createdAt: Record<EngineName, ModelAttributeColumnOptions> = {
  sqlite: {
    type: DataTypes.TEXT,
    field: "created_at",
    get(this: Model) {
      return new Date(this.getDataValue("createdAt"));
    },
    set(this: Model, value: Date) {
      this.setDataValue("createdAt", value.toISOString());
    },
  },
  postgres: { type: DataTypes.DATE(3), field: "created_at" },
};

export function defineModels(sequelize: Sequelize, engine: EngineName): void {
  // Sequelize writes into what it is given, so each attribute is an object of its own.
  const id = () => ({ type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true });
  const text = () => ({ type: DataTypes.TEXT, allowNull: false });
  UserModel.init(
    {
      id: id(),
      name: text(),
      email: { ...text(), unique: true },
      active: { ...active[engine], allowNull: false },
      numProducts: { type: DataTypes.INTEGER, field: "num_products" },
      createdAt: { ...createdAt[engine], allowNull: false },
    },
    { sequelize, tableName: "users", timestamps: false },
  );
  PostModel.init(
    { id: id(), title: text(), authorId: { type: DataTypes.INTEGER, field: "author_id", allowNull: false } },
    { sequelize, tableName: "posts", timestamps: false },
  );
  TagModel.init({ id: id(), name: text() }, { sequelize, tableName: "tags", timestamps: false });
  const PostTag = sequelize.define(
    "PostTag",
    {
      postId: { type: DataTypes.INTEGER, field: "post_id", primaryKey: true },
      tagId: { type: DataTypes.INTEGER, field: "tag_id", primaryKey: true },
    },
    { tableName: "post_tags", timestamps: false },
  );
  UserModel.hasMany(PostModel, { as: "posts", foreignKey: "authorId" });
  PostModel.belongsTo(UserModel, { as: "author", foreignKey: "authorId" });
  PostModel.belongsToMany(TagModel, { as: "tags", through: PostTag, foreignKey: "postId", otherKey: "tagId" });
}
