/** Models that are related. Nothing has an annotation that users would not write. */
import {
  array,
  belongsTo,
  belongsToMany,
  boolean,
  hasMany,
  hasOne,
  integer,
  json,
  Manager,
  Model,
  oneOf,
  text,
  timestamp,
} from "../../src/index.js";

export class UserManager extends Manager<typeof User> {
  active() {
    return this.getInstances({ where: { active: true }, orderBy: ["name", "-numProducts"] });
  }
  writers() {
    return this.getInstances({ where: { posts: { some: { title: "x" } } }, prefetch: ["posts.tags", "avatar"] });
  }
}

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  active: boolean().default(true),
  numProducts: integer().nullable(),
  nicknames: array(text()).nullable(),
  settings: json<{ theme: string; sizes: number[] }>().nullable(),
  createdAt: timestamp().defaultNow(),
}) {
  static override objects = new UserManager(this);
  get posts() {
    return hasMany(this, Post, "authorId");
  }
  get avatar() {
    return hasOne(this, Avatar, "userId");
  }
  get friends() {
    return belongsToMany(this, User, Friendship, "userId", "friendId", { symmetrical: true });
  }
  get displayName() {
    return this.name.toUpperCase();
  }
  get recentPosts() {
    return this.posts.filter({ "author.name": this.name });
  }

  // Methods without annotations, that ask for their own class and for others.
  async activeUsers() {
    return User.objects.getInstances({ where: { active: true } });
  }
  async withPosts() {
    return User.objects.getInstances({ where: { id: this.id }, prefetch: ["posts"] });
  }
  async withFriends() {
    const [user] = await User.objects.getInstances({ where: { id: this.id }, prefetch: ["friends.posts.tags"] });
    return user;
  }
  async firstTagged() {
    return Post.objects.getInstance({ where: { "author.name": this.name }, selectRelated: ["author.avatar"] });
  }
  async finder() {
    return User.objects.active();
  }
}

export class Friendship extends Model("friendships", {
  userId: integer().references(() => User),
  friendId: integer().references(() => User),
}) {}

export class Avatar extends Model("avatars", {
  id: integer().primaryKey(),
  url: text(),
  userId: integer().references(() => User),
}) {
  static override objects = new Manager(this);
  get owner() {
    return belongsTo(this, User, "userId");
  }
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  state: oneOf("draft", "public").default("draft"),
  authorId: integer().references(() => User, { onDelete: "cascade" }),
  editorId: integer()
    .nullable()
    .references(() => User),
}) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, User, "authorId");
  }
  get editor() {
    return belongsTo(this, User, "editorId");
  }
  get tags() {
    return belongsToMany(this, Tag, PostTag);
  }
  async others() {
    return User.objects.getInstances({ where: { posts: { some: { id: this.id } } }, prefetch: ["posts.tags"] });
  }
  async next() {
    return this.others();
  }
}

export class Tag extends Model("tags", { id: integer().primaryKey(), label: text() }) {
  static override objects = new Manager(this);
  get posts() {
    return belongsToMany(this, Post, PostTag);
  }
}

export class PostTag extends Model("post_tags", {
  postId: integer().references(() => Post),
  tagId: integer().references(() => Tag),
}) {}
