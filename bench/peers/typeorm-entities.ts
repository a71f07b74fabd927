import { EntitySchema, type EntitySchemaColumnOptions } from "typeorm";
import type { EngineName, Post, Tag, User } from "../subject.js";

export class UserEntity implements User {
  id!: number;
  name!: string;
  email!: string;
  active!: boolean;
  numProducts!: number | null;
  createdAt!: Date;
  posts!: PostEntity[];
}

export class PostEntity implements Post {
  id!: number;
  title!: string;
  authorId!: number;
  author!: UserEntity;
  tags!: TagEntity[];
}

export class TagEntity implements Tag {
  id!: number;
  name!: string;
}

/** TypeORM's own `datetime` of SQLite is another text, without the T and the Z. */
const createdAt: Record<EngineName, EntitySchemaColumnOptions> = {
  sqlite: {
    type: "text",
    name: "created_at",
    transformer: { to: (date: Date) => date.toISOString(), from: (text: string) => new Date(text) },
  },
  postgres: { type: "timestamp with time zone", name: "created_at" },
};

export function entitiesOf(engine: EngineName): EntitySchema[] {
  return [
    new EntitySchema<UserEntity>({
      name: "User",
      target: UserEntity,
      tableName: "users",
      columns: {
        id: { type: "integer", primary: true, generated: true },
        name: { type: "text" },
        email: { type: "text", unique: true },
        active: { type: "boolean" },
        numProducts: { type: "integer", name: "num_products", nullable: true },
        createdAt: createdAt[engine],
      },
      relations: { posts: { type: "one-to-many", target: () => PostEntity, inverseSide: "author" } },
    }),
    new EntitySchema<PostEntity>({
      name: "Post",
      target: PostEntity,
      tableName: "posts",
      columns: {
        id: { type: "integer", primary: true, generated: true },
        title: { type: "text" },
        authorId: { type: "integer", name: "author_id" },
      },
      relations: {
        author: {
          type: "many-to-one",
          target: () => UserEntity,
          inverseSide: "posts",
          joinColumn: { name: "author_id" },
          nullable: false,
        },
        tags: {
          type: "many-to-many",
          target: () => TagEntity,
          joinTable: { name: "post_tags", joinColumn: { name: "post_id" }, inverseJoinColumn: { name: "tag_id" } },
        },
      },
    }),
    new EntitySchema<TagEntity>({
      name: "Tag",
      target: TagEntity,
      tableName: "tags",
      columns: { id: { type: "integer", primary: true, generated: true }, name: { type: "text" } },
    }),
  ];
}
