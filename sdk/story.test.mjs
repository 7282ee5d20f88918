// The code of the pages about custom user data, line for line.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { COLLECTION_NAME, CLUSTER_NAME, DATABASE_NAME, customDataOf, database, open, registerUser, serve } from "./harness.mjs";

const service = await serve();
after(() => service.end());

test("realm-web: read, refresh, write, refresh: pink becomes purple", async (t) => {
  const printed = [];
  t.mock.method(console, "log", (...args) => printed.push(args.join("")));

  const app = open(service.url);
  const { id } = await registerUser(app);
  await database(app.currentUser).insertOne({ userId: id, description: "a test document for user", favoriteColor: "pink" });

  // Read Custom User Data
  {
    const customData = app.currentUser.customData;
    assert.deepEqual(customData, {}, "the token is older than the document");
  }
  // Refresh a user's custom data to make sure we have the latest version
  {
    await app.currentUser.refreshCustomData();
    const { _id, ...rest } = app.currentUser.customData;
    assert.match(_id, /^[0-9a-f]{24}$/);
    assert.deepEqual(rest, { userId: id, description: "a test document for user", favoriteColor: "pink" });
  }
  // Modify a User's Custom Data
  {
    // Get a client object for your app's custom user data collection
    const mongo = app.currentUser.mongoClient(CLUSTER_NAME);
    const collection = mongo.db(DATABASE_NAME).collection(COLLECTION_NAME);
    // Log the user's favorite color before we change it
    console.log(
      "old favoriteColor: ",
      app.currentUser.customData.favoriteColor
    );
    // Update the user's custom data document
    await collection.updateOne(
      { userId: app.currentUser.id }, // Query for the user object of the logged in user
      { $set: { favoriteColor: "purple" } } // Set the logged in user's favorite color to purple
    );
    // Refresh the user's local customData property
    await app.currentUser.refreshCustomData();
    // Log the user's new favorite color
    console.log(
      "new favoriteColor: ",
      app.currentUser.customData.favoriteColor
    );
  }
  assert.deepEqual(printed, ["old favoriteColor: pink", "new favoriteColor: purple"]);
});

test("realm-web: the function writeCustomUserData creates the document and then changes it", async () => {
  const app = open(service.url);
  const user = await registerUser(app);
  assert.deepEqual(user.customData, {}, "no document yet");

  const lastUpdated = new Date(1704164645678);
  const made = await user.functions.writeCustomUserData({ favoriteFood: "pizza", lastUpdated });
  assert.deepEqual({ matched: made.matchedCount, modified: made.modifiedCount }, { matched: 0, modified: 0 });
  assert.ok(made.upsertedId);
  assert.deepEqual(user.customData, {}, "what the application sees is still the copy in its token");

  const seen = await user.refreshCustomData();
  const { _id, ...rest } = user.customData;
  assert.deepEqual(rest, { userId: user.id, favoriteFood: "pizza", lastUpdated: { $date: { $numberLong: "1704164645678" } } });
  assert.deepEqual(seen, user.customData);

  const changed = await user.functions.callFunction("writeCustomUserData", { favoriteFood: "ramen" });
  assert.deepEqual({ matched: changed.matchedCount, modified: changed.modifiedCount, upserted: changed.upsertedId }, { matched: 1, modified: 1, upserted: undefined });
  assert.equal(user.customData.favoriteFood, "pizza");
  await user.refreshCustomData();
  assert.equal(user.customData.favoriteFood, "ramen");
  assert.equal((await customDataOf(user).findOne({ userId: user.id })).favoriteFood, "ramen");
});
