import assert from "node:assert/strict";
import { test } from "node:test";
import {
  belongsTo,
  belongsToMany,
  bigint,
  bytes,
  hasMany,
  hasOne,
  integer,
  junction,
  Manager,
  Model,
  text,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";

class Person extends Model("people", {
  id: integer().primaryKey(),
  name: text(),
  password: text().default("secret"),
  bossId: integer()
    .nullable()
    .references(() => Person),
}) {
  static override objects = new Manager(this);
  get boss() {
    return belongsTo(this, Person, "bossId");
  }
  get team() {
    return hasMany(this, Person, "bossId");
  }
  get badge() {
    return hasOne(this, Badge, "personId");
  }
  get friends() {
    return belongsToMany(this, Person, Friendship, "oneId", "otherId");
  }
  /** A getter that is no relation. */
  get upper() {
    return this.name.toUpperCase();
  }
  override toJSON() {
    const { password: _, ...shown } = super.toJSON();
    return shown;
  }
}

const Friendship = junction("friendships", { oneId: () => Person, otherId: () => Person });

class Badge extends Model("badges", {
  id: integer().primaryKey(),
  number: bigint(),
  photo: bytes(),
  personId: integer()
    .unique()
    .references(() => Person),
}) {
  static override objects = new Manager(this);
  get person() {
    return belongsTo(this, Person, "personId");
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

eachEngine((engine) => {
  const opened = async () => {
    const db = await open(engine, [Person, Friendship, Badge]);
    await Person.objects.insertMany([{ name: "ada" }, { name: "bob", bossId: 1 }, { name: "cy", bossId: 1 }]);
    await Badge.objects.insert({ number: 2n ** 62n, photo: new Uint8Array([1, 2, 255]), personId: 2 });
    return db;
  };

  test("toJSON() gives the values alone where nothing is loaded, and asks the database nothing (V10)", async () => {
    await using _db = await opened();
    const bob = await Person.objects.get({ where: { name: "bob" } });
    // To look at a relation is not to load it.
    assert.equal(bob.badge.isLoaded, false);
    assert.deepEqual(bob.toJSON(), { id: 2, name: "bob", bossId: 1 });
  });

  test("toJSON() gives relations as they were loaded: fetched, prefetched or joined, a bigint as a string, bytes in base64 (V10)", async () => {
    await using _db = await opened();
    const bob = await Person.objects.get({ where: { name: "bob" }, prefetch: ["badge", "team"] });
    const badge = { id: 1, number: "4611686018427387904", photo: "AQL/", personId: 2 };
    assert.deepEqual(plain(bob), { id: 2, name: "bob", bossId: 1, badge, team: [] });
    const joined = await Badge.objects.get({ selectRelated: ["person"] });
    assert.deepEqual(plain(joined), { ...badge, person: { id: 2, name: "bob", bossId: 1 } });
    const ada = await Person.objects.get({ where: { name: "ada" } });
    await ada.team.fetchAll();
    await ada.boss.fetch();
    assert.deepEqual(plain(ada), {
      id: 1,
      name: "ada",
      bossId: null,
      team: [
        { id: 2, name: "bob", bossId: 1 },
        { id: 3, name: "cy", bossId: 1 },
      ],
      boss: null,
    });
  });

  test("toJSON() gives counts that came with rows, and what was assigned and not saved (V10)", async () => {
    await using _db = await opened();
    const [ada] = await Person.objects.withCount(["team"], { where: { name: "ada" } });
    assert.deepEqual(ada?.toJSON(), { id: 1, name: "ada", bossId: null, teamCount: 2 });
    const cy = await Person.objects.get({ where: { name: "cy" } });
    cy.boss.secondary = new Person({ name: "dee" });
    assert.deepEqual(plain(cy), { id: 3, name: "cy", bossId: 1, boss: { name: "dee" } });
  });

  test("toJSON() ends in cycles, and gives an instance that is met again its values alone (V10)", async () => {
    await using _db = await opened();
    const ada = await Person.objects.get({ where: { name: "ada" } });
    const [bob, cy] = await ada.team.fetchAll();
    if (bob === undefined || cy === undefined) assert.fail("nobody");
    bob.boss.secondary = ada;
    cy.boss.secondary = ada;
    const [shortAda, shortBob, shortCy] = [
      { id: 1, name: "ada", bossId: null },
      { id: 2, name: "bob", bossId: 1 },
      { id: 3, name: "cy", bossId: 1 },
    ];
    const wholeAda = {
      ...shortAda,
      team: [
        { ...shortBob, boss: shortAda },
        { ...shortCy, boss: shortAda },
      ],
    };
    assert.deepEqual(plain(ada), wholeAda);
    // Where it is the first, it has its own relations again; also in a list of a relation.
    const wholeBob = { ...shortBob, boss: { ...shortAda, team: [shortBob, { ...shortCy, boss: shortAda }] } };
    assert.deepEqual(plain([bob, ada]), [wholeBob, wholeAda]);
    assert.deepEqual(plain(ada.team.at(0)), wholeBob);
  });

  test("what toJSON() gives grows with what was loaded, not with the ways through it (V10)", async () => {
    await using _db = await opened();
    const all = await Person.objects.insertMany(Array.from({ length: 24 }, (_, i) => ({ name: `p${i}` })));
    for (const person of all) person.friends.secondary = all.filter((other) => other !== person);
    const text = JSON.stringify(all[0]);
    // 24 instances, each 23 times at most.
    assert.ok((text.match(/"name"/g)?.length ?? 0) <= 1 + 24 * 23, String(text.length));
  });

  test("an override of toJSON() is heeded wherever the instance stands, and one that throws spoils no other call (V10)", async () => {
    await using _db = await opened();
    const bob = await Person.objects.get({ where: { name: "bob" }, prefetch: ["boss.team", "badge.person"] });
    assert.equal(JSON.stringify(bob).includes("secret"), false);
    const [badge] = [bob.badge.secondary];
    assert.ok(badge);
    badge.toJSON = () => {
      throw new RangeError("not now");
    };
    assert.throws(() => JSON.stringify(bob), RangeError);
    const ada = await Person.objects.get({ where: { name: "ada" }, prefetch: ["team"] });
    assert.equal((plain(ada) as { team: unknown[] }).team.length, 2);
  });
});
