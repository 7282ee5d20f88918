// Invalid tokens and ended sessions: the user reaches the right state in a bounded number of requests.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Realm, ask, forget, open, password, registerUser, refusal, sent, serve, address } from "./harness.mjs";

const service = await serve();
after(() => service.end());
const session = `${service.url}/api/client/v2.0/auth/session`;

test("refresh: a new access token, no new refresh token", async () => {
  const user = await registerUser(open(service.url));
  const { refreshToken } = user;
  forget();
  await user.refreshCustomData();
  assert.deepEqual(sent(), ["POST /auth/session 201"]);
  assert.equal(user.refreshToken, refreshToken);
});

test("an invalid access token: one refresh, one retry", async () => {
  const user = await registerUser(open(service.url));
  user.accessToken = "no.real.token";
  forget();
  assert.equal(await user.functions.echo("hello"), "hello");
  assert.deepEqual(sent(), ["POST /functions/call 401", "POST /auth/session 201", "POST /functions/call 200"]);
});

test("a revoked session: the next call signs the user out", async () => {
  const user = await registerUser(open(service.url));
  assert.equal((await ask("DELETE", session, user.refreshToken)).status, 204);
  forget();
  await assert.rejects(user.functions.echo("hello"), refusal(401, "InvalidSession", "invalid session: failed to find refresh token"));
  assert.deepEqual(sent(), ["POST /functions/call 401", "POST /auth/session 401"]);
  assert.equal(user.state, "logged-out");
});

test("a revoked session: a refresh signs the user out, and logout succeeds", async () => {
  const [one, other] = [await registerUser(open(service.url)), await registerUser(open(service.url))];
  for (const user of [one, other]) {
    assert.equal((await ask("DELETE", session, user.refreshToken)).status, 204);
  }
  forget();
  await assert.rejects(one.refreshCustomData(), refusal(401, "InvalidSession", "invalid session: failed to find refresh token"));
  assert.deepEqual(sent(), ["POST /auth/session 401"]);
  assert.equal(one.state, "logged-out");
  forget();
  await other.logOut();
  assert.deepEqual(sent(), ["DELETE /auth/session 401"]);
  assert.equal(other.state, "logged-out");
});

test("a user deleted on another device is signed out", async () => {
  const email = address();
  const here = await registerUser(open(service.url), email);
  const there = open(service.url);
  await there.deleteUser(await there.logIn(Realm.Credentials.emailPassword(email, password)));
  forget();
  await assert.rejects(here.functions.echo("hello"), { statusCode: 401, errorCode: "InvalidSession" });
  assert.deepEqual(sent(), ["POST /functions/call 401", "POST /auth/session 401"]);
  assert.equal(here.state, "logged-out");
});

test("a session revoked during a hundred calls: at most two requests each", async () => {
  const user = await registerUser(open(service.url));
  assert.equal((await ask("DELETE", session, user.refreshToken)).status, 204);
  forget();
  const results = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => user.functions.echo(n)));
  assert.ok(results.every(({ status }) => status === "rejected"));
  assert.ok(sent().length <= 200, `${sent().length} requests`);
  assert.equal(user.state, "logged-out");
});
