// Every collection method as the SDK sends it, and watch.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { CLUSTER_NAME, DATABASE_NAME, Realm, database, forget, open, registerUser, refusal, sent, serve, until, watchable } from "./harness.mjs";

const { ObjectId } = Realm.BSON;
const service = await serve();
after(() => service.end());
const user = await registerUser(open(service.url));
const notes = user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection("notes");
const streams = await watchable(service.url);

/** Inserts notes that belong to one test. */
async function batch(...names) {
  const run = randomUUID();
  const documents = names.map((name, n) => ({ run, name, n }));
  if (documents.length > 0) {
    await notes.insertMany(documents);
  }
  return run;
}

test("find: filter, projection, sort, limit", async () => {
  const run = await batch("a", "b", "c");
  assert.deepEqual((await notes.find({ run })).map((d) => d.name).sort(), ["a", "b", "c"]);
  assert.deepEqual(await notes.find({ run }, { projection: { _id: 0, name: 1 }, sort: { n: -1 }, limit: 2 }), [{ name: "c" }, { name: "b" }]);
  assert.deepEqual(await notes.find({ run, name: "absent" }), []);
});

test("findOne: the document, by sort and projection, or null", async () => {
  const run = await batch("a", "b");
  assert.deepEqual(await notes.findOne({ run }, { sort: { n: -1 }, projection: { _id: 0, n: 1 } }), { n: 1 });
  assert.equal(await notes.findOne({ run, name: "absent" }), null);
});

test("findOneAndUpdate: the old document, the new one, an upsert, or null", async () => {
  const run = await batch("a");
  assert.equal((await notes.findOneAndUpdate({ run }, { $set: { name: "b" } })).name, "a");
  assert.equal((await notes.findOneAndUpdate({ run }, { $set: { name: "c" } }, { returnNewDocument: true })).name, "c");
  assert.deepEqual(
    await notes.findOneAndUpdate({ run }, { $inc: { n: 5 } }, { returnNewDocument: true, projection: { _id: 0, n: 1 } }), { n: 5 });
  assert.equal(await notes.findOneAndUpdate({ run: "none" }, { $set: { name: "b" } }), null);
  const made = randomUUID();
  assert.equal(await notes.findOneAndUpdate({ run: made }, { $set: { name: "b" } }, { upsert: true }), null);
  assert.equal((await notes.findOne({ run: made })).name, "b");
});

test("findOneAndUpdate without operators replaces; an upsert contains only the replacement", async () => {
  const made = await notes.findOneAndUpdate({ run: randomUUID() }, { name: "b", hidden: true }, { upsert: true, returnNewDocument: true });
  assert.deepEqual(Object.keys(made).sort(), ["_id", "hidden", "name"]);
});

test("findOneAndReplace: the old document, the new one, an upsert", async () => {
  const run = await batch("a");
  assert.equal((await notes.findOneAndReplace({ run }, { run, name: "b" })).name, "a");
  const { _id, ...rest } = await notes.findOneAndReplace({ run }, { run, other: 1 }, { returnNewDocument: true });
  assert.ok(_id instanceof ObjectId);
  assert.deepEqual(rest, { run, other: 1 });
  const fresh = randomUUID();
  assert.equal((await notes.findOneAndReplace({ run: fresh }, { run: fresh, name: "c" }, { upsert: true, returnNewDocument: true })).name, "c");
});

test("findOneAndDelete, which this SDK sends as findOneAndReplace without a document: returns the old document and empties it", async () => {
  const run = await batch("a", "b");
  assert.equal((await notes.findOneAndDelete({ run, name: "a" })).name, "a");
  assert.deepEqual((await notes.find({ run })).map((d) => d.name), ["b"]);
});

test("aggregate", async () => {
  const run = await batch("a", "b", "c");
  assert.deepEqual(
    await notes.aggregate([{ $match: { run } }, { $group: { _id: "$run", names: { $sum: 1 }, most: { $max: "$n" } } }]), [{ _id: run, names: 3, most: 2 }]);
});

test("count: all, by filter, with limit", async () => {
  const run = await batch("a", "b", "c");
  assert.equal(await notes.count({ run }), 3);
  assert.equal(await notes.count({ run, n: { $gt: 0 } }), 2);
  assert.equal(await notes.count({ run }, { limit: 1 }), 1);
});

test("insertOne: with a given id, or a generated one", async () => {
  const run = randomUUID();
  assert.ok((await notes.insertOne({ run })).insertedId instanceof ObjectId);
  assert.equal((await notes.insertOne({ _id: run, run })).insertedId, run);
  assert.equal(await notes.count({ run }), 2);
});

test("insertMany: the ids in order", async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  assert.deepEqual(await notes.insertMany([{ _id: one }, { _id: two }]), { insertedIds: [one, two] });
});

test("updateOne: matched, modified, upserted", async () => {
  const run = await batch("a");
  assert.deepEqual(await notes.updateOne({ run }, { $set: { name: "b" } }), { matchedCount: 1, modifiedCount: 1 });
  assert.deepEqual(await notes.updateOne({ run }, { $set: { name: "b" } }), { matchedCount: 1, modifiedCount: 0 });
  assert.deepEqual(await notes.updateOne({ run: "none" }, { $set: { name: "b" } }), { matchedCount: 0, modifiedCount: 0 });
  const { upsertedId, ...counts } = await notes.updateOne({ run: randomUUID() }, { $set: { name: "b" } }, { upsert: true });
  assert.ok(upsertedId instanceof ObjectId);
  assert.deepEqual(counts, { matchedCount: 0, modifiedCount: 0 });
});

test("updateOne: array filters", async () => {
  const run = randomUUID();
  await notes.insertOne({ run, marks: [1, 5, 9] });
  assert.deepEqual(await notes.updateOne({ run }, { $set: { "marks.$[high]": 4 } }, { arrayFilters: [{ high: { $gt: 4 } }] }), { matchedCount: 1, modifiedCount: 1 });
  assert.deepEqual((await notes.findOne({ run })).marks, [1, 4, 4]);
});

test("updateOne without operators replaces", async () => {
  const run = await batch("a");
  assert.deepEqual(await notes.updateOne({ run }, { run, name: "whole" }), { matchedCount: 1, modifiedCount: 1 });
  const { _id, ...rest } = await notes.findOne({ run });
  assert.deepEqual(rest, { run, name: "whole" });
});

test("updateMany, with operators and without", async () => {
  const run = await batch("a", "b", "c");
  assert.deepEqual(await notes.updateMany({ run }, { $set: { seen: true } }), { matchedCount: 3, modifiedCount: 3 });
  assert.deepEqual(await notes.updateMany({ run }, { run, whole: 1 }), { matchedCount: 3, modifiedCount: 3 });
  assert.equal(await notes.count({ run, whole: 1, seen: { $exists: false } }), 3);
});

test("deleteOne and deleteMany", async () => {
  const run = await batch("a", "b", "c");
  assert.deepEqual(await notes.deleteOne({ run }), { deletedCount: 1 });
  assert.deepEqual(await notes.deleteMany({ run }), { deletedCount: 2 });
  assert.deepEqual(await notes.deleteMany({ run }), { deletedCount: 0 });
});

test("a document keeps the type of every value", async () => {
  const { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, Timestamp, UUID } = Realm.BSON;
  const document = {
    _id: randomUUID(), int: 1, double: 1.5, long: 2 ** 40, text: "%\n\r€", yes: true, none: null, list: [1, [2]], nested: { deep: { er: "x" } },
    date: new Date(1704164645678), id: new ObjectId(), binary: new Binary(Buffer.from("bytes")), decimal: Decimal128.fromString("9.90"),
    regexp: /^a.*z$/i, low: new MinKey(), high: new MaxKey(), time: new Timestamp(1, 1704164645),
  };
  await notes.insertOne(document);
  const got = await notes.findOne({ _id: document._id });
  assert.deepEqual(Object.keys(got), Object.keys(document));
  assert.equal(Realm.BSON.EJSON.stringify(got, { relaxed: false }), Realm.BSON.EJSON.stringify(document, { relaxed: false }));
});

test("rules: an unreadable field is absent, a forbidden write is refused and changes nothing", async () => {
  const mine = user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection("mine");
  const _id = randomUUID();
  await database(user, "mine").insertOne({ _id, open: 1, secret: "s" });
  assert.deepEqual(await mine.findOne({ _id }), { _id, open: 1 });
  await assert.rejects(mine.insertOne({ _id: randomUUID() }), refusal(400, "NoMatchingRuleFound", /insert not permitted/));
  await assert.rejects(mine.updateOne({ _id }, { $set: { open: 2 } }), refusal(403, "NoMatchingRuleFound", /update not permitted/));
  await assert.rejects(mine.deleteOne({ _id }), refusal(403, "NoMatchingRuleFound", /delete not permitted/));
  assert.deepEqual(await database(user, "mine").findOne({ _id }), { _id, open: 1, secret: "s" });
});

/** Opens a stream, runs an action once it is open, and returns the first events. */
async function watched(options, count, act) {
  forget();
  const stream = notes.watch(options);
  await until("the stream is open", () => sent().includes("GET /functions/call 200"));
  const events = [];
  const done = (async () => {
    for await (const event of stream) {
      events.push(event);
      if (events.length === count) {
        return; // ends the stream
      }
    }
  })();
  await act();
  await done;
  return events;
}

test("watch: insert, update, replace, delete, in order", { timeout: 20_000, skip: !streams && "the deployment has no change streams" }, async () => {
  const _id = randomUUID();
  const text = "100 %\nof \r it €";
  const events = await watched({ ids: [_id] }, 5, async () => {
    await notes.insertOne({ _id: randomUUID(), text: "of no concern" });
    await notes.insertOne({ _id, text, other: 1 });
    await notes.updateOne({ _id }, { $set: { text: "new" }, $unset: { other: 1 } });
    await notes.findOneAndReplace({ _id }, { by: "user" });
    await database(user, "notes").findOneAndReplace({ _id }, { by: "system" });
    await notes.deleteOne({ _id });
  });
  assert.deepEqual(events.map((e) => e.operationType), ["insert", "update", "update", "replace", "delete"]);
  assert.deepEqual(events.map((e) => e.documentKey), Array(5).fill({ _id }));
  assert.deepEqual(events[0].ns, { db: DATABASE_NAME, coll: "notes" });
  assert.deepEqual(events[0].fullDocument, { _id, text, other: 1 });
  assert.deepEqual(events[1].updateDescription, { updatedFields: { text: "new" }, removedFields: ["other"] });
  // Under rules the service applies a replacement field by field.
  assert.deepEqual(events[2].updateDescription, { updatedFields: { by: "user" }, removedFields: ["text"] });
  assert.deepEqual(events[3].fullDocument, { _id, by: "system" });
  assert.equal(events[4].fullDocument, undefined);
});

test("watch: a filter on the event; the whole collection", { timeout: 20_000, skip: !streams && "the deployment has no change streams" }, async () => {
  const run = randomUUID();
  const act = async () => {
    await notes.insertOne({ run, name: "a" });
    await notes.insertOne({ run, name: "b" });
  };
  const [event] = await watched({ filter: { "fullDocument.run": run, "fullDocument.name": "b" } }, 1, act);
  assert.equal(event.fullDocument.name, "b");
  const all = await watched(undefined, 2, act);
  assert.deepEqual(all.map((e) => e.fullDocument.name), ["a", "b"]);
});

test("watch: ends with the service's error when the rules allow no reads", { timeout: 20_000 }, async () => {
  const stream = user.mongoClient("nowhere").db(DATABASE_NAME).collection("notes").watch();
  await assert.rejects(stream.next(), (e) => e.statusCode >= 400 && e.statusCode < 500);
});
