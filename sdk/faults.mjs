// The Web SDK while the service's database is unreachable. e2e/faults_test.go injects the faults.

import assert from "node:assert/strict";
import { Realm, customDataOf, open, requests, sent } from "./harness.mjs";
import { change, done } from "./script.mjs";

const fault = (name) => change("fault", name);

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
done();
