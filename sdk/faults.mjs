// What the Web SDK does while the service's database is gone. Whoever starts this makes the faults: each is asked for by a line
// "fault: NAME" and is there when "ok" comes back. faults_test.go does it.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { Realm, customDataOf, forget, open, requests, sent } from "./harness.mjs";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function fault(name) {
  console.log(`fault: ${name}`);
  assert.equal((await answers.next()).value, "ok");
  forget();
}

const app = open(process.env.DOSSIER_SDK_URL, process.env.DOSSIER_SDK_APP);
const user = await app.logIn(Realm.Credentials.anonymous());
await customDataOf(user).updateOne({ userId: user.id }, { $set: { favoriteColor: "pink" } }, { upsert: true });
await user.refreshCustomData();

const calls = [
  () => user.refreshCustomData(),
  () => user.functions.writeCustomUserData({ favoriteColor: "purple" }),
  () => customDataOf(user).findOne({ userId: user.id }),
  () => user.refreshProfile(),
  () => app.logIn(Realm.Credentials.anonymous(false)),
];

for (const name of ["down", "hang", "cut"]) {
  await fault(name);
  const results = await Promise.allSettled(calls.map((call) => call()));
  for (const { status, reason } of results) {
    assert.equal(status, "rejected", name);
    assert.equal(reason.statusCode, 503, `${name}: ${reason}`);
  }
  assert.equal(requests.length, calls.length, `${name}: ${sent().join(", ")}`);
  assert.equal(user.state, "active", name);
  assert.equal(user.customData.favoriteColor, "pink", name);
  console.log(`${name}: ${sent().join(", ")}`);
}

await fault("none");
await user.functions.writeCustomUserData({ favoriteColor: "purple" });
assert.equal((await user.refreshCustomData()).favoriteColor, "purple");
assert.deepEqual(sent(), ["POST /functions/call 200", "POST /auth/session 201"]);
answers.return?.();
process.stdin.destroy();
