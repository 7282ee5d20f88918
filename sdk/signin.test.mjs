// Every provider, linking, several users, logout and deletion.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Realm, address, application, ask, claims, customDataOf, dossier, forget, open, password, registerUser, refusal, requests, sent, serve, signingKey } from "./harness.mjs";

const { Credentials } = Realm;
const service = await serve();
after(() => service.end());

/** A token of the application's external token issuer. */
function issued(payload, key = signingKey) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ aud: "sdk-home", iat: now, exp: now + 600, ...payload })}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

const unauthorized = refusal(401, "AuthError", "unauthorized");

test("anonymous: signs in, reuses the same user without a request, and creates a new user on demand", async () => {
  const app = open(service.url);
  forget();
  const user = await app.logIn(Credentials.anonymous());
  assert.deepEqual(sent(), ["GET /location 200", "POST /auth/providers/anon-user/login 200", "GET /auth/profile 200"]);
  assert.equal(user.providerType, "anon-user");
  assert.deepEqual(user.profile, {});
  assert.equal(user.identities.length, 1);
  assert.equal(user.identities[0].providerType, "anon-user");
  assert.match(user.identities[0].id, /^[0-9a-f]{24}-[a-z]{24}$/);
  assert.match(user.id, /^[0-9a-f]{24}$/);
  assert.match(user.deviceId, /^[0-9a-f]{24}$/);

  forget();
  assert.equal(await app.logIn(Credentials.anonymous()), user);
  assert.deepEqual(sent(), ["GET /auth/profile 200"]);
  const other = await app.logIn(Credentials.anonymous(false));
  assert.notEqual(other.id, user.id);
  assert.equal(other.deviceId, user.deviceId, "one device");
});

test("e-mail and password: register, sign in, sign in again", async () => {
  const app = open(service.url);
  const email = address();
  forget();
  const user = await registerUser(app, email);
  assert.deepEqual(sent(), [
    "GET /location 200", "POST /auth/providers/local-userpass/register 201", "POST /auth/providers/local-userpass/login 200", "GET /auth/profile 200",
  ]);
  assert.deepEqual(user.profile, { email });
  assert.equal(user.identities[0].providerType, "local-userpass");
  assert.match(user.identities[0].id, /^[0-9a-f]{24}-[a-z]{24}$/);
  const again = await app.logIn(Credentials.emailPassword(email, password));
  assert.equal(again, user, "the SDK knows that it is the same");
  assert.equal((await open(service.url).logIn(Credentials.emailPassword(email, password))).id, user.id);
});

test("e-mail and password: registration ignores an attached token, even an invalid one", async () => {
  const app = open(service.url);
  const user = await registerUser(app);
  user.accessToken = "no.real.token";
  forget();
  await app.emailPasswordAuth.registerUser({ email: address(), password });
  assert.deepEqual(sent(), ["POST /auth/providers/local-userpass/register 201"]);
});

test("e-mail and password: a new password by mail", async () => {
  const app = open(service.url);
  const email = address();
  const { id } = await registerUser(app, email);
  await app.emailPasswordAuth.sendResetPasswordEmail({ email });
  const { link, subject, token, tokenId } = await service.mail(email);
  assert.equal(subject, "A new password");
  assert.ok(link.startsWith("https://example.com/reset?"));
  assert.match(token, /^[0-9a-f]{128}$/);
  assert.match(tokenId, /^[0-9a-f]{24}$/);
  await app.emailPasswordAuth.resetPassword({ token, tokenId, password: "another password" });
  await assert.rejects(open(service.url).logIn(Credentials.emailPassword(email, password)), refusal(401, "InvalidPassword", "unauthorized"));
  assert.equal((await open(service.url).logIn(Credentials.emailPassword(email, "another password"))).id, id);
  await assert.rejects(app.emailPasswordAuth.resetPassword({ token, tokenId, password }), refusal(400, "UserpassTokenInvalid", "userpass token is expired or invalid"));
});

test("API keys: create, fetch, fetchAll, disable, enable, delete; a key signs in the same user", async () => {
  const app = open(service.url);
  const user = await registerUser(app);
  const made = await user.apiKeys.create("my-key");
  assert.deepEqual(Object.keys(made).sort(), ["_id", "disabled", "key", "name"]);
  assert.match(made._id, /^[0-9a-f]{24}$/);
  assert.equal(made.key.length, 64);
  const shown = { _id: made._id, name: "my-key", disabled: false };
  assert.deepEqual(await user.apiKeys.fetch(made._id), shown);
  assert.deepEqual(await user.apiKeys.fetchAll(), [shown]);

  const byKey = await open(service.url).logIn(Credentials.apiKey(made.key));
  assert.equal(byKey.id, user.id);
  await user.refreshProfile();
  assert.deepEqual(user.identities.map((i) => i.providerType), ["local-userpass", "api-key"]);

  await user.apiKeys.disable(made._id);
  assert.equal((await user.apiKeys.fetch(made._id)).disabled, true);
  await assert.rejects(open(service.url).logIn(Credentials.apiKey(made.key)), unauthorized);
  await user.apiKeys.enable(made._id);
  assert.equal((await open(service.url).logIn(Credentials.apiKey(made.key))).id, user.id);
  await user.apiKeys.delete(made._id);
  assert.deepEqual(await user.apiKeys.fetchAll(), []);
  await assert.rejects(user.apiKeys.fetch(made._id), refusal(404, "APIKeyNotFound", "API key not found"));
  await assert.rejects(open(service.url).logIn(Credentials.apiKey(made.key)), unauthorized);
});

test("API keys: refused requests", async () => {
  const user = await registerUser(open(service.url));
  await user.apiKeys.create("taken");
  await assert.rejects(user.apiKeys.create("taken"), refusal(409, "APIKeyAlreadyExists", "API key with name already exists"));
  await assert.rejects(user.apiKeys.create("not good"), refusal(400, "InvalidParameter", "can only contain ASCII letters, numbers, underscores, and hyphens"));
  await assert.rejects(user.apiKeys.create(""), refusal(400, undefined, "'name' is a required string"));
  const stranger = await registerUser(open(service.url));
  const [{ _id }] = await user.apiKeys.fetchAll();
  for (const step of ["fetch", "disable", "enable", "delete"]) {
    await assert.rejects(stranger.apiKeys[step](_id), refusal(404, "APIKeyNotFound", "API key not found"), step);
  }
  const anonymous = await open(service.url).logIn(Credentials.anonymous());
  await assert.rejects(anonymous.apiKeys.create("mine"), { statusCode: 403 });
  assert.equal(anonymous.state, "active");
});

test("API keys: a session cannot delete its own key", async () => {
  const user = await registerUser(open(service.url));
  const { _id, key } = await user.apiKeys.create("mine");
  const byKey = await open(service.url).logIn(Credentials.apiKey(key));
  await assert.rejects(byKey.apiKeys.delete(_id), { statusCode: 403 });
  assert.deepEqual((await user.apiKeys.fetchAll()).map((k) => k.name), ["mine"]);
});

test("API keys: a server key, created with the command line, signs in a server user", async () => {
  const data = await mkdtemp(join(tmpdir(), "dossier-sdk-"));
  const uri = process.env.DOSSIER_TEST_URI ? ["--uri", process.env.DOSSIER_TEST_URI] : [];
  const environment = { HOME: data, DOSSIER_SECRET_SDK_SIGNING_KEY: signingKey };
  const name = `worker-${randomUUID()}`;
  const { key } = JSON.parse(dossier(["keys", "create", name, "--json", "--data", data, ...uri, "--app", application("home")], environment));
  const there = await serve({ data });
  const user = await open(there.url).logIn(Credentials.apiKey(key));
  assert.deepEqual(user.identities.map((i) => i.providerType), ["api-key"]);
  const { body } = await ask("GET", `${there.url}/api/client/v2.0/auth/profile`, user.accessToken);
  assert.equal(body.type, "server");
  assert.equal(await user.functions.echo("hello"), "hello");
  await assert.rejects(user.apiKeys.create("mine"), { statusCode: 403 });
  assert.equal(user.state, "active");
  await there.end();
  await rm(data, { recursive: true });
});

test("custom token: the same subject is the same user, with the configured metadata", async () => {
  const sub = randomUUID();
  const app = open(service.url);
  const user = await app.logIn(Credentials.jwt(issued({ sub, profile: { name: "Ada" }, nick: "lace", secret: "s" })));
  assert.deepEqual(user.profile, { name: "Ada", nick: "lace" });
  assert.deepEqual(user.identities, [{ id: sub, providerType: "custom-token" }]);
  const again = await open(service.url).logIn(Credentials.jwt(issued({ sub, profile: { name: "Ada L." } })));
  assert.equal(again.id, user.id);
  assert.equal(again.profile.name, "Ada L.");
});

test("custom token: refused tokens", async () => {
  const good = { sub: randomUUID(), profile: { name: "Ada" } };
  const app = open(service.url);
  for (const [why, token] of [
    ["another key", issued(good, "x".repeat(40))],
    ["expired", issued({ ...good, exp: 1_600_000_000 })],
    ["for another application", issued({ ...good, aud: "another" })],
    ["a required claim is missing", issued({ sub: good.sub })],
    ["no subject", issued({ profile: good.profile })],
    ["no token at all", "nonsense"],
  ]) {
    await assert.rejects(app.logIn(Credentials.jwt(token)), unauthorized, why);
  }
});

test("custom function: its result identifies the user", async () => {
  const name = randomUUID();
  const user = await open(service.url).logIn(Credentials.function({ name, word: "sesame" }));
  assert.equal(user.providerType, "custom-function");
  assert.deepEqual(user.identities, [{ id: name, providerType: "custom-function" }]);
  assert.equal((await open(service.url).logIn(Credentials.function({ name, word: "sesame" }))).id, user.id);
  const app = open(service.url);
  await assert.rejects(app.logIn(Credentials.function({ name, word: "wrong" })), { statusCode: 401, errorCode: "AuthError" });
  await assert.rejects(app.logIn(Credentials.function({ name: "", word: "sesame" })), { statusCode: 401, errorCode: "AuthError" });
});

test("link: an anonymous user gains an e-mail identity and keeps id and custom data", async () => {
  const app = open(service.url);
  const user = await app.logIn(Credentials.anonymous());
  await user.functions.writeCustomUserData({ favoriteColor: "pink" });
  await user.refreshCustomData();
  const before = user.customData;
  const email = address();
  await app.emailPasswordAuth.registerUser({ email, password });
  forget();
  await user.linkCredentials(Credentials.emailPassword(email, password));
  assert.deepEqual(sent(), ["POST /auth/providers/local-userpass/login 200", "GET /auth/profile 200"]);
  assert.deepEqual(user.identities.map((i) => i.providerType), ["anon-user", "local-userpass"]);
  assert.deepEqual(user.profile, { email });
  assert.deepEqual(user.customData, before);
  assert.deepEqual(await user.refreshCustomData(), before);
  const again = await open(service.url).logIn(Credentials.emailPassword(email, password));
  assert.equal(again.id, user.id);
  assert.deepEqual(again.customData, before);
});

test("link: linking the same credentials again changes nothing; further identities are listed in order", async () => {
  const app = open(service.url);
  const email = address();
  const user = await registerUser(app, email);
  const sub = randomUUID();
  await user.linkCredentials(Credentials.jwt(issued({ sub, profile: { name: "Ada" } })));
  await user.linkCredentials(Credentials.function({ name: sub, word: "sesame" }));
  await user.linkCredentials(Credentials.emailPassword(email, password));
  assert.deepEqual(user.identities.map((i) => i.providerType), ["local-userpass", "custom-token", "custom-function"]);
  assert.deepEqual(user.profile, { email, name: "Ada" });
  assert.equal((await open(service.url).logIn(Credentials.jwt(issued({ sub, profile: { name: "Ada" } })))).id, user.id);
  assert.equal((await open(service.url).logIn(Credentials.function({ name: sub, word: "sesame" }))).id, user.id);
});

test("link: another user's identity is refused, in a bounded number of requests", async () => {
  const taken = address();
  const owner = await registerUser(open(service.url), taken);
  const app = open(service.url);
  const user = await app.logIn(Credentials.anonymous());
  for (const [credentials, code] of [
    [Credentials.emailPassword(taken, password), "AuthError"],
    [Credentials.emailPassword(taken, "a wrong password"), "InvalidPassword"],
    [Credentials.jwt("nonsense"), "AuthError"],
  ]) {
    forget();
    await assert.rejects(user.linkCredentials(credentials), { statusCode: 401, errorCode: code });
    assert.equal(requests.length, 1, sent().join(", "));
    assert.equal(user.state, "active");
  }
  assert.deepEqual((await open(service.url).logIn(Credentials.emailPassword(taken, password))).id, owner.id);
});

test("link: a second e-mail identity is refused", async () => {
  const app = open(service.url);
  const user = await registerUser(app);
  const second = address();
  await app.emailPasswordAuth.registerUser({ email: second, password });
  forget();
  await assert.rejects(user.linkCredentials(Credentials.emailPassword(second, password)), { statusCode: 401, errorCode: "AuthError" });
  assert.equal(requests.length, 1, sent().join(", "));
});

test("link: anonymous credentials and API keys cannot be linked", async () => {
  const user = await registerUser(open(service.url));
  const { key } = await (await registerUser(open(service.url))).apiKeys.create("mine");
  for (const credentials of [Credentials.anonymous(), Credentials.apiKey(key)]) {
    await assert.rejects(user.linkCredentials(credentials), refusal(400, "BadRequest", /cannot be added to an existing user/));
  }
  assert.equal(user.identities.length, 1);
});

test("several users: allUsers, switchUser, removeUser", async () => {
  const app = open(service.url);
  const [one, two] = [await registerUser(app), await registerUser(app)];
  assert.deepEqual(Object.keys(app.allUsers).sort(), [one.id, two.id].sort());
  assert.equal(app.currentUser, two);
  await two.functions.writeCustomUserData({ who: "two" });
  app.switchUser(one);
  assert.equal(app.currentUser, one);
  await one.functions.writeCustomUserData({ who: "one" });
  await Promise.all([one.refreshCustomData(), two.refreshCustomData()]);
  assert.deepEqual([one.customData.who, two.customData.who], ["one", "two"]);
  assert.equal((await customDataOf(app.currentUser).findOne()).who, "one");

  const { refreshToken } = two;
  forget();
  await app.removeUser(two);
  assert.deepEqual(sent(), ["DELETE /auth/session 204"]);
  assert.deepEqual(Object.keys(app.allUsers), [one.id]);
  assert.equal((await ask("POST", `${service.url}/api/client/v2.0/auth/session`, refreshToken)).status, 401);
  assert.throws(() => app.switchUser(two), /never logged into this app/);
});

test("logout: ends this session, not other sessions of the user", async () => {
  const email = address();
  const [here, there] = [open(service.url), open(service.url)];
  const user = await registerUser(here, email);
  const elsewhere = await there.logIn(Credentials.emailPassword(email, password));
  const { accessToken, refreshToken } = user;
  await user.logOut();
  assert.equal(user.state, "logged-out");
  assert.equal(here.currentUser, null);
  assert.throws(() => user.customData, /without an access token/);
  const base = `${service.url}/api/client/v2.0`;
  const { status, body } = await ask("POST", `${base}/auth/session`, refreshToken);
  assert.deepEqual({ status, error: body.error, code: body.error_code }, { status: 401, error: "invalid session: failed to find refresh token", code: "InvalidSession" });
  assert.equal((await ask("GET", `${base}/auth/profile`, accessToken)).status, 401);
  assert.deepEqual(await elsewhere.refreshCustomData(), {});
});

test("delete: removes the user and the API keys, keeps the custom data", async () => {
  const app = open(service.url);
  const email = address();
  const user = await registerUser(app, email);
  const { id } = user;
  const { key } = await user.apiKeys.create("mine");
  await user.functions.writeCustomUserData({ favoriteColor: "pink" });
  forget();
  await app.deleteUser(user);
  assert.equal(user.state, "removed");
  assert.equal(sent()[0], "DELETE /auth/delete 204");
  assert.equal(requests.length, 2, sent().join(", "));
  await assert.rejects(open(service.url).logIn(Credentials.emailPassword(email, password)), refusal(401, "InvalidPassword", "unauthorized"));
  await assert.rejects(open(service.url).logIn(Credentials.apiKey(key)), unauthorized);
  const colleague = await registerUser(open(service.url));
  assert.equal((await colleague.functions.asSystem("custom_user_data", "findOne", { userId: id })).favoriteColor, "pink");
  assert.notEqual((await registerUser(open(service.url), email)).id, id, "the address can be registered again");
});

test("tokens have the format that SDKs expect", async () => {
  const user = await registerUser(open(service.url));
  const access = claims(user.accessToken);
  const refresh = claims(user.refreshToken);
  assert.equal(access.sub, user.id);
  assert.equal(access.typ, "access");
  assert.equal(refresh.typ, "refresh");
  assert.equal(access.exp - access.iat, 1800);
  assert.equal(refresh.exp - refresh.iat, 5_184_000);
  assert.equal(access.iss, refresh.baas_id, "the session");
  assert.equal(access.baas_domain_id, refresh.baas_domain_id);
});
