import assert from "node:assert/strict";
import { test } from "node:test";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { User } from "./models.js";

const wrong = (value: unknown): never => value as never;

eachEngine((engine) => {
  test("the stack of a TypeError reaches the line of the caller, however deep the mistake is found", async () => {
    await using db = await open(engine, [User]);
    const user = await User.objects.insert({ name: "a" });
    const mistakes: (() => Promise<unknown>)[] = [
      () => User.objects.getInstances({ where: wrong({ nmae: "x" }) }),
      () => User.objects.getInstances({ where: { name: wrong(3) } }),
      () => User.objects.getInstances({ orderBy: wrong("nmae") }),
      () => User.objects.getInstances(wrong({ wher: {} })),
      () => User.objects.last({ where: { name: wrong(3) } }),
      () => User.objects.count({ where: { name: wrong(3) } }),
      () => User.objects.update({ name: "a" }, { name: wrong(3) }),
      () => User.objects.insertMany([{ name: "a" }, { name: wrong(3) }]),
      () => User.objects.upsertMany([{ name: wrong(3) }]),
      () => user.update({ name: wrong(3) }),
      () => db.begin((session) => session.saveAll([new User({ name: "x" }), user, new User({ age: wrong("y") })])),
    ];
    for (const mistake of mistakes) {
      const error = await failureOf(mistake);
      assert.ok(error instanceof TypeError);
      assert.match(error.stack ?? "", /callers\.spec\.ts:\d+/, `${mistake}: ${error.stack}`);
    }
  });
});
