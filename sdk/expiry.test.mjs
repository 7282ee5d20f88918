// Expiry of an access token. The shortest lifetime is one minute, so this test takes one.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ask, claims, database, forget, open, registerUser, refusal, sent, serve } from "./harness.mjs";

const service = await serve({ flags: ["--token-life", "1m"] });
after(() => service.end());

const times = (line) => sent().filter((s) => s === line).length;

test("an expired access token", async (t) => {
  const [single, crowd, revoked] = [await registerUser(open(service.url)), await registerUser(open(service.url)), await registerUser(open(service.url))];
  for (const user of [single, crowd]) {
    await database(user).insertOne({ userId: user.id, favoriteColor: "pink" });
  }
  const { iat, exp } = claims(revoked.accessToken);
  assert.equal(exp - iat, 60);
  assert.equal((await ask("DELETE", `${service.url}/api/client/v2.0/auth/session`, revoked.refreshToken)).status, 204);
  await new Promise((resolve) => setTimeout(resolve, exp * 1000 + 1000 - Date.now()));

  await t.test("one call: one refresh, one retry, and the custom data is new", async () => {
    assert.deepEqual(single.customData, {}, "there is no refresh without a call");
    assert.equal(single.state, "active");
    forget();
    assert.equal(await single.functions.echo("hello"), "hello");
    assert.deepEqual(sent(), ["POST /functions/call 401", "POST /auth/session 201", "POST /functions/call 200"]);
    assert.equal(single.customData.favoriteColor, "pink");
  });

  await t.test("the answer says so", async () => {
    const { status, body } = await ask("GET", `${service.url}/api/client/v2.0/auth/profile`, revoked.accessToken);
    assert.deepEqual([status, body.error, body.error_code], [401, "invalid session: access token expired", "InvalidSession"]);
  });

  await t.test("a hundred calls at once: each refreshes once and is sent twice, all come through", async () => {
    forget();
    const results = await Promise.all(Array.from({ length: 100 }, (_, n) => crowd.functions.echo(n)));
    assert.deepEqual(results, Array.from({ length: 100 }, (_, n) => n));
    assert.equal(sent().length, times("POST /functions/call 401") + times("POST /auth/session 201") + times("POST /functions/call 200"));
    assert.equal(times("POST /functions/call 200"), 100);
    assert.ok(times("POST /functions/call 401") <= 100);
    assert.equal(times("POST /auth/session 201"), times("POST /functions/call 401"));
    assert.equal(crowd.state, "active");
    assert.equal(crowd.customData.favoriteColor, "pink");
  });

  await t.test("and the session was revoked: signed out", async () => {
    forget();
    await assert.rejects(revoked.functions.echo("hello"), refusal(401, "InvalidSession", "invalid session: failed to find refresh token"));
    assert.deepEqual(sent(), ["POST /functions/call 401", "POST /auth/session 401"]);
    assert.equal(revoked.state, "logged-out");
  });
});
