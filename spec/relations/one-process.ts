/*
 * Run by a spec in a process of its own, with a URL and the name of a step: changes relations by what the rows have alone,
 * and prints what they have then.
 */
import { Database } from "../../src/index.js";
import { Avatar, BLOG, idsOf, LISTED, Node, Post, User } from "./one-models.js";

const [, , url = "", step = ""] = process.argv;
await using _db = new Database(url, { models: [...BLOG, ...LISTED] });

const user = (name: string) => User.objects.get({ where: { name } });
const post = (title: string) => Post.objects.get({ where: { title } });
const node = (name: string) => Node.objects.get({ where: { name } });

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  async set() {
    const [ann, bob] = [await User.objects.insert({ name: "ann" }), await User.objects.insert({ name: "bob" })];
    ann.posts.secondary = [new Post({ title: "x" }), await Post.objects.insert({ title: "y" })];
    await ann.posts.save();
    ann.avatar.secondary = new Avatar({ url: "a" });
    await ann.avatar.save();
    const z = await Post.objects.insert({ title: "z" });
    z.author.secondary = bob;
    await z.author.save();
    const [a, b, c] = await Node.objects.insertMany(["a", "b", "c"].map((name) => ({ name })));
    if (a === undefined || b === undefined || c === undefined) return;
    a.parents.secondary = [c, b];
    await a.parents.save();
    c.children.secondary = [b, a];
    await c.children.save();
    a.links.secondary = [b, c];
    await a.links.save();
    await b.linkedFrom.add(c);
  },
  async repoint() {
    const [ann, bob] = [await user("ann"), await user("bob")];
    const x = await post("x");
    x.author.secondary = bob;
    await x.author.save();
    await ann.posts.add(await post("z"));
    bob.avatar.secondary = await ann.avatar.fetch();
    await bob.avatar.save();
    const [a, b, c] = [await node("a"), await node("b"), await node("c")];
    a.parents.secondary = [b];
    await a.parents.save();
    c.children.secondary = [c];
    await c.children.save();
    await a.links.set(a, c);
    await b.linkedFrom.remove(c);
  },
  async clear() {
    const [ann, bob] = [await user("ann"), await user("bob")];
    await ann.posts.clear();
    bob.avatar.secondary = null;
    await bob.avatar.save();
    const x = await post("x");
    x.author.secondary = null;
    await x.author.save();
    const [a, c] = [await node("a"), await node("c")];
    a.parents.secondary = [];
    await a.parents.save();
    c.children.secondary = [];
    await c.children.save();
    await a.links.clear();
  },
  async read() {},
};

await STEPS[step]?.();

const users = await User.objects.getInstances({ orderBy: "id", prefetch: [{ posts: { orderBy: "title" } }, "avatar"] });
const posts = await Post.objects.getInstances({ orderBy: "title", prefetch: ["author"] });
const nodes = await Node.objects.getInstances({
  orderBy: "id",
  prefetch: ["parents", "children", "links", "linkedFrom"],
});
const found = {
  posts: Object.fromEntries(users.map(({ name, posts: own }) => [name, [...own].map(({ title }) => title)])),
  avatars: Object.fromEntries(users.map(({ name, avatar }) => [name, avatar.secondary?.url ?? null])),
  authors: Object.fromEntries(posts.map(({ title, author }) => [title, author.secondary?.name ?? null])),
  nodes: Object.fromEntries(nodes.map((one) => [one.name, [one.nodeIds, idsOf(one.parents), idsOf(one.children)]])),
  links: Object.fromEntries(nodes.map((one) => [one.name, [idsOf(one.links), idsOf(one.linkedFrom)]])),
};
process.stdout.write(JSON.stringify(found));
