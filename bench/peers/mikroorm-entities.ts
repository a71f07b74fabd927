import { type Collection, defineEntity, p, Type } from "@mikro-orm/core";
import type { EngineName, Post, Tag, User } from "../subject.js";

/** MikroORM's own times of SQLite are numbers. */
class IsoTime extends Type<Date, string> {
  override convertToDatabaseValue(value: Date | string): string {
    return typeof value === "string" ? value : value.toISOString();
  }
  override convertToJSValue(value: string | Date): Date {
    return typeof value === "string" ? new Date(value) : value;
  }
  override compareAsType(): string {
    return "string";
  }
  override getColumnType(): string {
    return "text";
  }
}

export class UserEntity implements User {
  id!: number;
  name!: string;
  email!: string;
  active!: boolean;
  numProducts!: number | null;
  createdAt!: Date;
  declare posts: Collection<PostEntity>;
}

export class PostEntity implements Post {
  id!: number;
  title!: string;
  author!: UserEntity;
  declare tags: Collection<TagEntity>;
  get authorId(): number {
    return this.author.id;
  }
}

export class TagEntity implements Tag {
  id!: number;
  name!: string;
}

export function entitiesOf(engine: EngineName) {
  return [
    defineEntity({
      name: "User",
      class: UserEntity,
      tableName: "users",
      properties: {
        id: p.integer().primary(),
        name: p.text(),
        email: p.text().unique(),
        active: p.boolean(),
        numProducts: p.integer().nullable(),
        createdAt: engine === "sqlite" ? p.type(IsoTime) : p.datetime(3),
        posts: () => p.oneToMany(PostEntity).mappedBy("author").orderBy({ id: "asc" }),
      },
    }),
    defineEntity({
      name: "Post",
      class: PostEntity,
      tableName: "posts",
      properties: {
        id: p.integer().primary(),
        title: p.text(),
        author: () => p.manyToOne(UserEntity).inversedBy("posts"),
        tags: () =>
          p
            .manyToMany(TagEntity)
            .pivotTable("post_tags")
            .joinColumn("post_id")
            .inverseJoinColumn("tag_id")
            .orderBy({ id: "asc" }),
      },
    }),
    defineEntity({
      name: "Tag",
      class: TagEntity,
      tableName: "tags",
      properties: { id: p.integer().primary(), name: p.text() },
    }),
  ];
}
