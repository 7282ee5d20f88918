// The Web SDK's user is disabled, enabled again, and the sessions are revoked. e2e/faults_test.go makes these changes.

import assert from "node:assert/strict";
import { Realm, address, customDataOf, open, password, registerUser, refusal, sent } from "./harness.mjs";
import { change, done } from "./script.mjs";

const app = open(process.env.DOSSIER_SDK_URL, process.env.DOSSIER_SDK_APP);
const email = address();
const user = await registerUser(app, email);
const { id } = user;
const signIn = () => app.logIn(Realm.Credentials.emailPassword(email, password));

/** The next call signs the user out, in two requests. */
async function out(error) {
  await assert.rejects(customDataOf(user).find(), refusal(401, "InvalidSession", error));
  assert.deepEqual(sent(), ["POST /functions/call 401", "POST /auth/session 401"]);
  assert.equal(user.state, "logged-out");
}

await change("disable", id);
await out(/disabled/);
await assert.rejects(signIn(), refusal(401, "UserDisabled", /disabled/));
assert.equal(sent().length, 3, sent().join(", "));

await change("enable", id);
assert.equal((await signIn()).id, id);
assert.equal(user.state, "active");

await change("revoke", id);
await out(/revoked/);
assert.equal((await signIn()).id, id);
done();
