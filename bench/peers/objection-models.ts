import { type AnyQueryBuilder, Model, type Pojo, snakeCaseMappers } from "objection";
import type { Post as PostFields, Tag as TagFields, User as UserFields } from "../subject.js";

const byId = (query: AnyQueryBuilder) => query.orderBy("id");

export class User extends Model implements UserFields {
  static override tableName = "users";
  static override columnNameMappers = snakeCaseMappers();
  static override relationMappings = () => ({
    posts: {
      relation: Model.HasManyRelation,
      modelClass: Post,
      join: { from: "users.id", to: "posts.author_id" },
      modify: byId,
    },
  });

  declare id: number;
  declare name: string;
  declare email: string;
  declare active: boolean;
  declare numProducts: number | null;
  declare createdAt: Date;
  declare posts: Post[];

  /** SQLite has neither booleans nor times. */
  override $parseDatabaseJson(row: Pojo): Pojo {
    const json = super.$parseDatabaseJson(row);
    if (typeof json.active === "number") json.active = json.active === 1;
    if (typeof json.createdAt === "string") json.createdAt = new Date(json.createdAt);
    return json;
  }

  override $formatDatabaseJson(json: Pojo): Pojo {
    const row = super.$formatDatabaseJson(json);
    if (row.created_at instanceof Date) row.created_at = row.created_at.toISOString();
    return row;
  }
}

export class Post extends Model implements PostFields {
  static override tableName = "posts";
  static override columnNameMappers = snakeCaseMappers();
  static override relationMappings = () => ({
    author: {
      relation: Model.BelongsToOneRelation,
      modelClass: User,
      join: { from: "posts.author_id", to: "users.id" },
    },
    tags: {
      relation: Model.ManyToManyRelation,
      modelClass: Tag,
      join: {
        from: "posts.id",
        through: { from: "post_tags.post_id", to: "post_tags.tag_id" },
        to: "tags.id",
      },
      modify: byId,
    },
  });

  declare id: number;
  declare title: string;
  declare authorId: number;
  declare author: User;
  declare tags: Tag[];
}

export class Tag extends Model implements TagFields {
  static override tableName = "tags";
  declare id: number;
  declare name: string;
}
