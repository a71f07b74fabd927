/** Thirty models that refer to each other in cycles, with their relations or without them, and a hundred queries. */

/** Twenty of them are linked by the other ten, in pairs. */
const nodeCount = 20;
const linkCount = nodeCount / 2;

export const modelCount = nodeCount + linkCount;
export const queryCount = 100;

/** The same models and queries, the queries without what follows relations. */
export const variants = ["plain", "related"] as const;
export type Variant = (typeof variants)[number];

const nodeAt = (place: number): string => `Node${(place + nodeCount) % nodeCount}`;

/** The node that an even one is linked with is odd, by the link of half its number. */
function linkOf(number: number) {
  const isLeft = number % 2 === 0;
  const left = isLeft ? number : (number - 5 + nodeCount) % nodeCount;
  return { link: `Link${left / 2}`, other: nodeAt(isLeft ? number + 5 : left), isLeft };
}

function getter(name: string, relation: string): string {
  return `  get ${name}() {
    return ${relation};
  }`;
}

function node(number: number, variant: Variant): string {
  const { link, other, isLeft } = linkOf(number);
  const keys = isLeft ? `"leftId", "rightId"` : `"rightId", "leftId"`;
  const relations = [
    getter("owner", `belongsTo(this, ${nodeAt(number + 1)}, "ownerId")`),
    getter("mentor", `belongsTo(this, ${nodeAt(number + 7)}, "mentorId")`),
    getter("owned", `hasMany(this, ${nodeAt(number - 1)}, "ownerId")`),
    getter("mentored", `hasMany(this, ${nodeAt(number - 7)}, "mentorId")`),
    getter("peers", `belongsToMany(this, ${other}, ${link}, ${keys})`),
  ];
  return `export class Node${number} extends Model("nodes${number}", {
  id: integer().primaryKey(),
  name: text(),
  score: integer().nullable(),
  isOpen: boolean().default(true),
  createdAt: timestamp().defaultNow(),
  ownerId: integer().references(() => ${nodeAt(number + 1)}),
  mentorId: integer().references(() => ${nodeAt(number + 7)}),
}) {
  static override objects = new Manager(this);
${variant === "plain" ? "" : `${relations.join("\n")}\n`}}`;
}

function link(number: number, variant: Variant): string {
  const [left, right] = [nodeAt(number * 2), nodeAt(number * 2 + 5)];
  const relations = [
    getter("left", `belongsTo(this, ${left}, "leftId")`),
    getter("right", `belongsTo(this, ${right}, "rightId")`),
  ];
  return `export class Link${number} extends Model("links${number}", {
  leftId: integer().primaryKey().references(() => ${left}),
  rightId: integer().primaryKey().references(() => ${right}),
}) {
  static override objects = new Manager(this);
${variant === "plain" ? "" : `${relations.join("\n")}\n`}}`;
}

/** TypeScript source of the models. */
export function modelsSource(variant: Variant): string {
  const relations = variant === "plain" ? "" : "belongsTo, belongsToMany, hasMany, ";
  const nodes = Array.from({ length: nodeCount }, (_, number) => node(number, variant));
  const links = Array.from({ length: linkCount }, (_, number) => link(number, variant));
  return `import { ${relations}boolean, integer, Manager, Model, text, timestamp } from "rowkeeper";

${[...nodes, ...links].join("\n\n")}`;
}

interface Following {
  /** What it adds to the options of a query. */
  readonly options?: string;
  /** What it adds to the conditions. */
  readonly where?: string;
  /** What is read of the first row. */
  readonly read: string;
}

/** The ways of a query to follow relations, in turn. */
const followings: readonly Following[] = [
  { options: `prefetch: ["owner.peers", "owned"]`, read: "owner.secondary.peers.at(0)?.name" },
  { options: `prefetch: ["mentored.owner", "peers"]`, read: "mentored.at(0)?.owner.secondary.name" },
  { options: `prefetch: ["peers.mentor", "owner"]`, read: "peers.at(0)?.mentor.secondary.score" },
  { options: `selectRelated: ["owner"]`, read: "owner.secondary.name" },
  { options: `selectRelated: ["mentor.owner"]`, read: "mentor.secondary.owner.secondary.score" },
  { where: `"owner.name": "some name"`, read: "name" },
  { where: `"mentor.owner.score": 3`, read: "name" },
  { where: "owned: { some: { isOpen: true } }", read: "name" },
  {
    where: `peers: { some: { name: "some name" } }`,
    options: `prefetch: ["owner.owner", "mentor"]`,
    read: "mentor.secondary.name",
  },
];

function query(number: number, variant: Variant): string {
  const following = followings[number % followings.length];
  const own = variant === "related" ? following : undefined;
  const where = [`name: "name ${number}"`, ...(own?.where ? [own.where] : [])].join(", ");
  const options = [`where: { ${where} }`, `orderBy: ["-createdAt", "id"]`, `limit: ${number + 1}`];
  if (own?.options) options.push(own.options);
  return `export async function query${number}() {
  const rows = await ${nodeAt(number)}.objects.getInstances({ ${options.join(", ")} });
  return rows[0]?.${own?.read ?? "name"};
}`;
}

/** TypeScript source of the queries. */
export function queriesSource(variant: Variant): string {
  const names = Array.from({ length: nodeCount }, (_, number) => `Node${number}`);
  const queries = Array.from({ length: queryCount }, (_, number) => query(number, variant));
  return `import { ${names.join(", ")} } from "./models.js";

${queries.join("\n\n")}`;
}
