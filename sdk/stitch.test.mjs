// The same scenarios with the older client of the API.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CLUSTER_NAME, COLLECTION_NAME, DATABASE_NAME, address, password, serve, watchable } from "./harness.mjs";

const {
  AnonymousCredential, FunctionCredential, MemoryStorage, RemoteMongoClient, Stitch, StitchAppClientConfiguration, StitchServiceErrorCode, UserApiKeyAuthProviderClient,
  UserApiKeyCredential, UserPasswordAuthProviderClient, UserPasswordCredential,
} = createRequire(import.meta.url)("mongodb-stitch-server-sdk");

const service = await serve();
const streams = await watchable(service.url);
const directory = await mkdtemp(join(tmpdir(), "dossier-stitch-"));
const configuration = new StitchAppClientConfiguration.Builder()
  .withBaseUrl(service.url).withDataDirectory(directory).withStorage(new MemoryStorage("sdk-home")).build();
const client = Stitch.initializeAppClient("sdk-home", configuration);
const collection = client.getServiceClient(RemoteMongoClient.factory, CLUSTER_NAME).db(DATABASE_NAME).collection(COLLECTION_NAME);

after(async () => {
  client.close();
  await service.end();
  await rm(directory, { recursive: true });
});

/** Registers a user and signs in. */
async function registerUser(email = address()) {
  await client.auth.getProviderClient(UserPasswordAuthProviderClient.factory).registerWithEmail(email, password);
  return client.auth.loginWithCredential(new UserPasswordCredential(email, password));
}

test("stitch: read, refresh, write, refresh: pink becomes purple", async () => {
  const email = address();
  const user = await registerUser(email);
  assert.match(user.id, /^[0-9a-f]{24}$/);
  assert.equal(user.profile.email, email);
  assert.deepEqual(client.auth.user.customData, {});
  await client.callFunction("asSystem", [COLLECTION_NAME, "insertOne", { userId: user.id, favoriteColor: "pink" }]);
  await client.auth.refreshCustomData();
  assert.equal(client.auth.user.customData.favoriteColor, "pink");
  const { matchedCount, modifiedCount } = await collection.updateOne({ userId: user.id }, { $set: { favoriteColor: "purple" } });
  assert.deepEqual({ matchedCount, modifiedCount }, { matchedCount: 1, modifiedCount: 1 });
  assert.equal(client.auth.user.customData.favoriteColor, "pink");
  await client.auth.refreshCustomData();
  assert.equal(client.auth.user.customData.favoriteColor, "purple");
});

test("stitch: the function writeCustomUserData creates the document and then changes it", async () => {
  const user = await registerUser();
  const made = await client.callFunction("writeCustomUserData", [{ favoriteFood: "pizza" }]);
  assert.ok(made.upsertedId);
  await client.auth.refreshCustomData();
  assert.equal(client.auth.user.customData.favoriteFood, "pizza");
  assert.equal((await client.callFunction("writeCustomUserData", [{ favoriteFood: "ramen" }])).modifiedCount, 1);
  assert.equal((await collection.findOne({ userId: user.id })).favoriteFood, "ramen");
});

test("stitch: the collection", async () => {
  await registerUser();
  const notes = client.getServiceClient(RemoteMongoClient.factory, CLUSTER_NAME).db(DATABASE_NAME).collection("notes");
  const run = address();
  assert.ok((await notes.insertOne({ run, n: 1 })).insertedId);
  assert.equal(Object.keys((await notes.insertMany([{ run, n: 2 }, { run, n: 3 }])).insertedIds).length, 2);
  assert.equal(await notes.count({ run }), 3);
  assert.deepEqual((await notes.find({ run }, { sort: { n: -1 }, projection: { _id: 0, n: 1 }, limit: 2 }).toArray()), [{ n: 3 }, { n: 2 }]);
  assert.equal((await notes.find({ run }, { sort: { n: 1 } }).first()).n, 1);
  assert.deepEqual(await notes.aggregate([{ $match: { run } }, { $group: { _id: null, sum: { $sum: "$n" } } }]).toArray(), [{ _id: null, sum: 6 }]);
  assert.equal((await notes.updateMany({ run }, { $inc: { n: 10 } })).modifiedCount, 3);
  assert.equal((await notes.findOneAndUpdate({ run, n: 11 }, { $set: { n: 1 } }, { returnNewDocument: true })).n, 1);
  assert.equal((await notes.findOneAndReplace({ run, n: 1 }, { run, n: 100 })).n, 1);
  assert.equal((await notes.findOneAndDelete({ run, n: 100 })).n, 100);
  assert.equal((await notes.deleteOne({ run, n: 12 })).deletedCount, 1);
  assert.equal((await notes.deleteMany({ run })).deletedCount, 1);
});

test("stitch: watch", { timeout: 20_000, skip: !streams && "the deployment has no change streams" }, async () => {
  await registerUser();
  const notes = client.getServiceClient(RemoteMongoClient.factory, CLUSTER_NAME).db(DATABASE_NAME).collection("notes");
  const _id = address();
  const stream = await notes.watch([_id]);
  const event = new Promise((resolve, reject) => {
    stream.onNext(resolve);
    stream.onError(reject);
  });
  await notes.insertOne({ _id, n: 1 });
  const { operationType, fullDocument } = await event;
  assert.deepEqual({ operationType, fullDocument }, { operationType: "insert", fullDocument: { _id, n: 1 } });
  stream.close();
  await assert.rejects(notes.watchCompact([_id]), /useCompactEvents is not supported/);
});

test("stitch: anonymous, linked to an e-mail address, keeps id and custom data", async () => {
  const user = await client.auth.loginWithCredential(new AnonymousCredential());
  await client.callFunction("writeCustomUserData", [{ favoriteColor: "pink" }]);
  const email = address();
  await client.auth.getProviderClient(UserPasswordAuthProviderClient.factory).registerWithEmail(email, password);
  const linked = await user.linkWithCredential(new UserPasswordCredential(email, password));
  assert.equal(linked.id, user.id);
  assert.deepEqual(linked.identities.map((i) => i.providerType), ["anon-user", "local-userpass"]);
  await client.auth.refreshCustomData();
  assert.equal(client.auth.user.customData.favoriteColor, "pink");
});

test("stitch: API keys and a custom function", async () => {
  const user = await registerUser();
  const keys = client.auth.getProviderClient(UserApiKeyAuthProviderClient.factory);
  const made = await keys.createApiKey("mine");
  assert.deepEqual((await keys.fetchApiKeys()).map((k) => k.name), ["mine"]);
  assert.equal((await client.auth.loginWithCredential(new UserApiKeyCredential(made.key))).id, user.id);
  const by = await client.auth.loginWithCredential(new FunctionCredential({ name: address(), word: "sesame" }));
  assert.equal(by.loggedInProviderType, "custom-function");
});

test("stitch: refused requests, and signing out", async () => {
  const email = address();
  await registerUser(email);
  await assert.rejects(client.auth.loginWithCredential(new UserPasswordCredential(email, "a wrong password")), (e) => {
    assert.equal(e.errorCode, StitchServiceErrorCode.InvalidPassword ?? e.errorCode);
    assert.match(e.message, /unauthorized/);
    return true;
  });
  await assert.rejects(client.callFunction("fails", []), (e) => e.errorCode === StitchServiceErrorCode.FunctionExecutionError && /boom/.test(e.message));
  await client.auth.logout();
  assert.equal(client.auth.isLoggedIn, false);
});
