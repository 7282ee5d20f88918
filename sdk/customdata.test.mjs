// Special cases of custom data: what the token contains, and when.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Realm, address, application, claims, customDataOf, database, open, password, registerUser, serve } from "./harness.mjs";

const { ObjectId } = Realm.BSON;
const service = await serve();
after(() => service.end());

test("no document: empty custom data, and no claim in the token", async () => {
  const user = await registerUser(open(service.url));
  assert.deepEqual(user.customData, {});
  assert.deepEqual(await user.refreshCustomData(), {});
  assert.equal("user_data" in claims(user.accessToken), false);
});

test("a write by a function: the old snapshot until a refresh, then the new one", async () => {
  const user = await registerUser(open(service.url));
  await user.functions.writeCustomUserData({ step: "first" });
  await user.refreshCustomData();
  await user.functions.writeCustomUserData({ step: "second" });
  assert.equal(user.customData.step, "first");
  assert.equal((await user.refreshCustomData()).step, "second");
  assert.equal(user.customData.step, "second");
});

test("a deleted document: the old snapshot until a refresh, then none", async () => {
  const user = await registerUser(open(service.url));
  await user.functions.writeCustomUserData({ step: "first" });
  await user.refreshCustomData();
  assert.deepEqual(await database(user).deleteOne({ userId: user.id }), { deletedCount: 1 });
  assert.equal(user.customData.step, "first");
  assert.deepEqual(await user.refreshCustomData(), {});
});

test("two documents of one user: the first is used", async () => {
  // Inserted while custom data is disabled: with custom data the embedded database has a unique index on the field.
  const data = await mkdtemp(join(tmpdir(), "dossier-sdk-"));
  const before = join(data, "before");
  await cp(application("home"), before, { recursive: true });
  await writeFile(join(before, "auth", "custom_user_data.json"), `{"enabled":false}`);
  const email = address();

  const old = await serve({ apps: [before], data });
  const user = await registerUser(open(old.url), email);
  // The ids are unique to this run, because a deployment keeps the documents of earlier runs, and in this order.
  await database(user).insertMany([
    { _id: new ObjectId(), userId: user.id, which: "first" },
    { _id: new ObjectId(), userId: user.id, which: "second" },
  ]);
  assert.deepEqual(await user.refreshCustomData(), {});
  await old.end();

  const now = await serve({ data });
  const again = await open(now.url).logIn(Realm.Credentials.emailPassword(email, password));
  assert.equal(again.id, user.id);
  assert.equal(again.customData.which, "first");
  await now.end();
  await rm(data, { recursive: true });
});

test("the user's id stored as ObjectId: the document is found and can be changed", async () => {
  const user = await registerUser(open(service.url));
  await database(user).insertOne({ userId: new ObjectId(user.id), favoriteColor: "pink" });
  const { _id, ...rest } = await user.refreshCustomData();
  assert.deepEqual(rest, { userId: { $oid: user.id }, favoriteColor: "pink" });
  const result = await customDataOf(user).updateOne({ userId: new ObjectId(user.id) }, { $set: { favoriteColor: "purple" } });
  assert.deepEqual(result, { matchedCount: 1, modifiedCount: 1 });
  assert.equal((await user.refreshCustomData()).favoriteColor, "purple");
});

test("the user's id stored as both types: the string is used", async () => {
  const user = await registerUser(open(service.url));
  await database(user).insertMany([
    { _id: new ObjectId(), userId: new ObjectId(user.id), which: "ObjectId" },
    { _id: new ObjectId(), userId: user.id, which: "text" },
  ]);
  assert.equal((await user.refreshCustomData()).which, "text");
});

test("every type is canonical extended JSON in the token, the id a plain string", async () => {
  const user = await registerUser(open(service.url));
  const id = new ObjectId();
  const { insertedId } = await database(user).insertOne({
    userId: user.id, int: 13, long: 2 ** 40, double: 1.5, text: "ü€😀", yes: true, none: null, id,
    when: new Date(1704164645678), price: Realm.BSON.Decimal128.fromString("9.90"), nested: { list: [1, { deep: 2 }] },
  });
  assert.deepEqual(await user.refreshCustomData(), {
    _id: insertedId.toHexString(), userId: user.id, int: { $numberInt: "13" }, long: { $numberLong: "1099511627776" },
    double: { $numberDouble: "1.5" }, text: "ü€😀", yes: true, none: null, id: { $oid: id.toHexString() },
    when: { $date: { $numberLong: "1704164645678" } }, price: { $numberDecimal: "9.90" },
    nested: { list: [{ $numberInt: "1" }, { deep: { $numberInt: "2" } }] },
  });
});

for (const [name, size] of [["16 kB", 16_000], ["200 kB", 200_000]]) {
  test(`a document of ${name} is in the token of every call`, async () => {
    const app = open(service.url);
    const email = address();
    const user = await registerUser(app, email);
    await database(user).insertOne({ userId: user.id, long: "x".repeat(size) });
    assert.equal((await user.refreshCustomData()).long.length, size);
    assert.equal(await user.functions.echo("still here"), "still here");
    assert.equal((await customDataOf(user).findOne()).long.length, size);
    await user.logOut();
    const again = await app.logIn(Realm.Credentials.emailPassword(email, password));
    assert.equal(again.customData.long.length, size);
  });
}

test("a document of 3 MB is omitted from the token; a claim and whoami report it, and find reads it", async () => {
  const email = address();
  const user = await registerUser(open(service.url), email);
  const size = 3_000_000;
  await database(user).insertOne({ userId: user.id, long: "x".repeat(size) });
  assert.deepEqual(await user.refreshCustomData(), {});
  const { user_data, dossier_user_data_too_large } = claims(user.accessToken);
  assert.deepEqual({ user_data, dossier_user_data_too_large }, { user_data: undefined, dossier_user_data_too_large: true });
  const [found] = await customDataOf(user).find({ userId: user.id });
  assert.equal(found.long.length, size);

  const dossier = (...args) => service.command(["--app-id", "sdk-home", ...args], password);
  dossier("login", email, "--password-stdin");
  assert.match(dossier("whoami"), /^custom data: none in the token, because the document is too large: a token holds 785 kB of JSON$/m);
  assert.equal(JSON.parse(dossier("whoami", "--json")).session.custom_data_too_large, true);
});

test("a user can neither read nor change another user's document", async () => {
  const [one, other] = [await registerUser(open(service.url)), await registerUser(open(service.url))];
  await one.functions.writeCustomUserData({ favoriteColor: "pink" });
  assert.deepEqual(await customDataOf(other).find({}), []);
  assert.equal((await customDataOf(other).updateOne({ userId: one.id }, { $set: { favoriteColor: "grey" } })).matchedCount, 0);
  assert.equal((await one.refreshCustomData()).favoriteColor, "pink");
  assert.deepEqual(await other.refreshCustomData(), {});
});
