/** Junctions, and models that refer to them as they do to the models. Compiled, never run. */
import {
  belongsTo,
  belongsToMany,
  hasMany,
  integer,
  junction,
  Manager,
  Model,
  type NewRow,
  type Row,
  text,
  timestamp,
  uuid,
} from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";

// Named keys: above the models that they refer to, and below.
export const ArticleTag = junction("article_tags", { articleId: () => Article, tagId: () => Tag });

export class Article extends Model("articles", {
  id: integer().primaryKey(),
  title: text(),
  mainTagId: uuid()
    .nullable()
    .references(() => Tag),
}) {
  static override objects = new Manager(this);
  get tagged() {
    return hasMany(this, ArticleTag, "articleId");
  }
  get tags() {
    return belongsToMany(this, Tag, ArticleTag);
  }
  get noted() {
    return hasMany(this, ArticleNote);
  }
  get notes() {
    return belongsToMany(this, Note, ArticleNote);
  }
  get extended() {
    return hasMany(this, Extended, "articleId");
  }
}

export class Tag extends Model("tags", { id: uuid().primaryKey(), label: text() }) {
  static override objects = new Manager(this);
  get tagged() {
    return hasMany(this, ArticleTag, "tagId");
  }
  get articles() {
    return belongsToMany(this, Article, ArticleTag, "tagId", "articleId");
  }
}

export class Extended extends junction(
  "app.extended",
  { articleId: () => Article, tagId: () => Tag },
  { addedBy: text().nullable(), weight: integer().default(1) },
  { timestamps: true, softDelete: "gone", indexes: [["addedBy"]] },
) {
  static override objects = new Manager(this);
  get article() {
    return belongsTo(this, Article, "articleId");
  }
}

// Keys called after the models: the compiler knows the other columns.
export const ArticleNote = junction(
  "article_notes",
  () => Article,
  () => Note,
  { place: integer() },
);

export class Note extends Model("notes", { id: integer().primaryKey(), madeAt: timestamp() }) {
  get noted() {
    return hasMany(this, ArticleNote);
  }
}

export const Bare = junction(
  "bare",
  () => Article,
  () => Note,
);

export class Friendship extends junction("friendships", { userId: () => User, friendId: () => User }) {
  get friend() {
    return belongsTo(this, User, "friendId");
  }
}
export class User extends Model("users", { id: integer().primaryKey() }) {
  get friendships() {
    return hasMany(this, Friendship, "userId");
  }
}

type Instance<M> = M extends new () => infer I ? I : never;

export type Values = [
  Expect<Equal<Instance<typeof ArticleTag>["articleId"], number>>,
  Expect<Equal<Instance<typeof ArticleTag>["tagId"], string>>,
  Expect<Equal<NewRow<typeof ArticleTag>, { articleId: number; tagId: string }>>,
  Expect<Equal<Extended["addedBy"], string | null>>,
  Expect<Equal<Extended["gone"], Date | null>>,
  Expect<
    Equal<keyof Row<typeof Extended>, "articleId" | "tagId" | "addedBy" | "weight" | "createdAt" | "updatedAt" | "gone">
  >,
  Expect<Equal<(typeof Extended)["table"], "extended">>,
  Expect<Equal<(typeof ArticleNote)["table"], "article_notes">>,
  Expect<Equal<Row<typeof ArticleNote>, { place: number }>>,
  Expect<Equal<Instance<typeof ArticleNote>["place"], number>>,
];

export async function named(article: Article, user: User) {
  await ArticleTag.insert({ articleId: 1, tagId: "t" });
  await Extended.objects.insertMany([{ articleId: 1, tagId: "t", addedBy: "a" }]);
  new ArticleTag({ articleId: 1 });
  expectType<Extended | null>()(await Extended.find({ articleId: 1, tagId: "t" }));
  await ArticleTag.objects.getItems({ where: { articleId: [1, 2] }, orderBy: "-tagId" });
  expectShape<{ articleId: number; tagId: string }[]>()(
    await ArticleTag.objects.getItems({ where: ArticleTag.c.tagId.startsWith("t") }),
  );
  for (const { tagId } of await article.tagged.fetchAll()) expectType<string>()(tagId);
  for (const { label } of await article.tags.fetchAll()) expectType<string>()(label);
  for (const { madeAt } of await article.notes.fetchAll()) expectType<Date>()(madeAt);
  for (const { weight } of await article.extended.fetchAll()) expectType<number>()(weight);
  for (const friendship of await user.friendships.fetchAll())
    expectType<User | null>()(await friendship.friend.fetch());

  // @ts-expect-error the other key is wanted
  await ArticleTag.insert({ articleId: 1 });
  // @ts-expect-error of the type of the model's key
  await ArticleTag.insert({ articleId: "1", tagId: "t" });
  // @ts-expect-error a key is never null
  await ArticleTag.insert({ articleId: null, tagId: "t" });
  // @ts-expect-error an unknown column
  await ArticleTag.objects.getItems({ where: { articelId: 1 } });
  // @ts-expect-error both keys
  await ArticleTag.find({ articleId: 1 });
}

export async function unnamed(article: Article, note: Note) {
  await ArticleNote.insert({ place: 1 });
  await Bare.insert({ articleId: 1, noteId: 1 });
  for (const { place } of await article.noted.fetchAll()) expectType<number>()(place);
  for (const { place } of await note.noted.fetchAll()) expectType<number>()(place);
  // @ts-expect-error what was declared is wanted
  await ArticleNote.insert({});
}

export function refused() {
  // @ts-expect-error functions that give models
  junction("j", Article, Tag);
  // @ts-expect-error two of them
  junction("j", () => Article);
  // @ts-expect-error models
  junction("j", { articleId: () => Article, tagId: () => "tags" });
  junction(
    "j",
    () => Article,
    () => Tag,
    {},
    // @ts-expect-error the primary key is of both keys
    { primaryKey: ["articleId"] },
  );
  // @ts-expect-error an unknown option
  junction("j", { articleId: () => Article, tagId: () => Tag }, {}, { timestamp: true });
  // @ts-expect-error columns
  junction("j", { articleId: () => Article, tagId: () => Tag }, { addedBy: "text" });
}
