/**
 * A blog, to start a program from: users write posts and comments, posts have tags.
 *
 * `npx tsx examples/blog.ts` runs it on SQLite, in memory. With DATABASE_URL set it runs there, in tables whose names
 * begin with `example_`, which it drops at its end.
 */
import {
  belongsTo,
  belongsToMany,
  Database,
  hasMany,
  integer,
  junction,
  Manager,
  Model,
  text,
  timestamp,
} from "rowkeeper";

// For references: with a row go those that refer to it. The database sees to it.
const cascade = { onDelete: "cascade" } as const;

class User extends Model("example_users", {
  id: integer().primaryKey(),
  name: text().unique(),
}) {
  static override objects = new Manager(this);
  get posts() {
    return hasMany(this, Post, "authorId");
  }
  get comments() {
    return hasMany(this, Comment, "authorId");
  }
}

// What the program asks about posts, in one place.
class PostManager extends Manager<typeof Post> {
  /** The newest posts that are published, with all that a page shows, in three queries whatever their number. */
  page(
    { tag, author }: { tag?: string; author?: string } = {},
    number = 1,
  ) {
    const conditions = [this.c.publishedAt.isNotNull()];
    if (tag !== undefined)
      conditions.push(this.c.tags.some({ label: tag }));
    if (author !== undefined)
      conditions.push(this.c.author.name.eq(author));
    return this.getInstances({
      where: conditions,
      orderBy: ["-publishedAt", "-id"],
      limit: 10,
      offset: (number - 1) * 10,
      withCount: "comments", // a property, commentsCount
      selectRelated: "author", // joined, as there is one
      prefetch: {
        tags: { orderBy: "label" },
        // the last two of each post
        comments: { orderBy: "-id", limit: 2, selectRelated: "author" },
      },
    });
  }
}

class Post extends Model("example_posts", {
  id: integer().primaryKey(),
  title: text(),
  publishedAt: timestamp().nullable().index(), // null is a draft
  authorId: integer()
    .references(() => User, cascade)
    .index(),
}) {
  static override objects = new PostManager(this);
  get author() {
    return belongsTo(this, User, "authorId");
  }
  get comments() {
    return hasMany(this, Comment, "postId");
  }
  get tags() {
    return belongsToMany(this, Tag, PostTag);
  }
}

class Comment extends Model("example_comments", {
  id: integer().primaryKey(),
  body: text(),
  postId: integer()
    .references(() => Post, cascade)
    .index(),
  authorId: integer()
    .references(() => User, cascade)
    .index(),
}) {
  static override objects = new Manager(this);
  get post() {
    return belongsTo(this, Post, "postId");
  }
  get author() {
    return belongsTo(this, User, "authorId");
  }
}

class Tag extends Model("example_tags", {
  id: integer().primaryKey(),
  label: text().unique(),
}) {
  static override objects = new Manager(this);
}

// Between posts and tags. It remembers who added a tag, where that was not the author.
const addedById = integer().nullable();
class PostTag extends junction(
  "example_post_tags",
  { postId: () => Post, tagId: () => Tag },
  { addedById: addedById.references(() => User, { onDelete: "set null" }) },
) {
  get addedBy() {
    return belongsTo(this, User, "addedById");
  }
}

/** Rows go in with what is related to them, in one transaction; what is there already is given as an instance. */
async function seed(): Promise<void> {
  const bob = await User.objects.insert({ name: "Bob" });
  const eve = await User.objects.insert({ name: "Eve" });
  const howTo = await Tag.objects.insert({ label: "how-to" });
  await User.objects.insert({
    name: "Ann",
    posts: [
      {
        title: "Bread in an afternoon",
        publishedAt: new Date("2025-03-01"),
        tags: [howTo, { label: "baking" }],
        comments: [
          { body: "Mine didn't rise.", author: bob },
          { body: "Buy my yeast!!!", author: eve },
          { body: "It wanted a warmer room.", author: bob },
        ],
      },
      {
        title: "Sharpening a chisel",
        publishedAt: new Date("2025-04-12"),
        tags: [howTo],
        comments: [{ body: "Buy my chisels!!!", author: eve }],
      },
      { title: "Notes on glue", tags: [{ label: "wood" }] },
    ],
  });
}

/** A reader answers a post and tags it: both, or neither. Gives the row between the post and the tag. */
function answer(title: string, name: string, label: string) {
  return Post.objects.transaction(async (tx) => {
    const post = await tx.get({ where: { title } });
    const author = await User.objects.using(tx).get({ where: { name } });
    const body = "Thank you!";
    await Comment.objects.using(tx).insert({ body, post, author });
    const [tag] = await Tag.objects.using(tx).getOrCreate({ label });
    await post.tags.add(tag, { addedById: author.id });
    return post.tags.pivot(tag);
  });
}

type Page = Awaited<ReturnType<PostManager["page"]>>;

function show(heading: string, posts: Page): void {
  console.log(`\n${heading}`);
  for (const { title, author, tags, comments, commentsCount } of posts) {
    const labels = tags.secondary.map(({ label }) => `#${label}`).join(" ");
    console.log(`  ${title}, by ${author.secondary.name}  ${labels}`);
    if (commentsCount > comments.length)
      console.log(`    … ${comments.length} of ${commentsCount} comments`);
    for (const { author, body } of comments)
      console.log(`    ${author.secondary.name}: ${body}`);
  }
}

const url = process.env.DATABASE_URL || "sqlite::memory:";
const models = [User, Post, Comment, Tag, PostTag];
await using db = new Database(url, { models });
await db.createAll();
try {
  await seed();
  show("All posts", await Post.objects.page());

  const link = await answer("Sharpening a chisel", "Bob", "wood");
  const by = await link?.addedBy.fetch();
  show(
    `Wood, a tag added by ${by?.name}`,
    await Post.objects.page({ tag: "wood" }),
  );
  const howTos = { tag: "how-to", author: "Ann" };
  show("How-to, by Ann", await Post.objects.page(howTos));

  // Moderation: with the user go all comments of hers.
  const eve = await User.objects.get({ where: { name: "Eve" } });
  await eve.delete();
  show("Without Eve", await Post.objects.page());
  console.log();

  const users = await User.objects.withCount(["posts", "comments"], {
    orderBy: "name",
  });
  for (const { name, postsCount, commentsCount } of users)
    console.log(`${name}: ${postsCount} posts, ${commentsCount} comments`);
} finally {
  await db.dropAll();
}
