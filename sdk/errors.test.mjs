// Errors that the SDK receives: status, error_code and text.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { CLUSTER_NAME, DATABASE_NAME, Realm, address, ask, forget, open, password, registerUser, refusal, requests, sent, serve } from "./harness.mjs";

const { Credentials } = Realm;
const service = await serve();
after(() => service.end());
const base = `${service.url}/api/client/v2.0`;
const app = open(service.url);
const user = await registerUser(app);
const notes = user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection("notes");

test("an unknown application", async () => {
  await assert.rejects(open(service.url, "nothing-here").logIn(Credentials.anonymous()), (e) => {
    assert.equal(e.statusCode ?? 404, 404);
    assert.match(e.message, /cannot find app using Client App ID 'nothing-here'/);
    return true;
  });
  const { status, type, body } = await ask("GET", `${base}/app/nothing-here/location`);
  assert.deepEqual({ status, type, error: body.error, code: body.error_code },
    { status: 404, type: "application/json", error: "cannot find app using Client App ID 'nothing-here'", code: undefined });
});

test("a disabled or unknown provider", async () => {
  const missing = (name) => refusal(404, "AuthProviderNotFound", `auth provider ${name} not found`);
  await assert.rejects(app.logIn(Credentials.google({ idToken: "x.y.z" })), missing("oauth2-google"));
  await assert.rejects(app.logIn(Credentials.facebook("token")), missing("oauth2-facebook"));
});

test("a wrong password and an unknown address: the same error, one request, no user is signed out", async () => {
  const email = address();
  await app.emailPasswordAuth.registerUser({ email, password });
  for (const credentials of [Credentials.emailPassword(email, "a wrong password"), Credentials.emailPassword(address(), password)]) {
    forget();
    await assert.rejects(app.logIn(credentials), refusal(401, "InvalidPassword", "unauthorized"));
    assert.equal(requests.length, 1, sent().join(", "));
  }
  assert.equal(user.state, "active");
});

test("registration: an address in use, a missing one, and passwords of a wrong length", async () => {
  const { emailPasswordAuth } = app;
  const email = address();
  await emailPasswordAuth.registerUser({ email, password });
  await assert.rejects(emailPasswordAuth.registerUser({ email, password }), refusal(409, "AccountNameInUse", "name already in use"));
  await assert.rejects(emailPasswordAuth.registerUser({ email: "", password }), refusal(400, "BadRequest", "email invalid"));
  const length = refusal(400, "BadRequest", "password must be between 6 and 128 characters");
  await assert.rejects(emailPasswordAuth.registerUser({ email: address(), password: "short" }), length);
  await assert.rejects(emailPasswordAuth.registerUser({ email: address(), password: "x".repeat(129) }), length);
});

test("an unknown API key", async () => {
  await assert.rejects(app.logIn(Credentials.apiKey("x".repeat(64))), refusal(401, "AuthError", "unauthorized"));
});

test("a missing token, an invalid one, and the wrong kind", async () => {
  const { accessToken, refreshToken } = user;
  for (const [why, method, path, token, error, code] of [
    ["no token", "GET", "/auth/profile", undefined, "expected Authorization header with JWT (Bearer schema)", undefined],
    ["what a signed-out user of the SDK sends", "GET", "/auth/profile", "null", /^/, "InvalidSession"],
    ["garbage", "GET", "/auth/profile", "no.real.token", /^/, "InvalidSession"],
    ["another signature", "GET", "/auth/profile", accessToken.replace(/[^.]+$/, "AAAA"), /^/, "InvalidSession"],
    ["an access token offered as refresh token", "POST", "/auth/session", accessToken, "invalid refresh token: incorrect token type", "InvalidSession"],
    ["a refresh token offered as access token", "GET", "/auth/profile", refreshToken, /^/, "InvalidSession"],
  ]) {
    const { status, type, body } = await ask(method, base + path, token);
    assert.equal(status, 401, why);
    assert.equal(type, "application/json", why);
    assert.match(body.error, error instanceof RegExp ? error : new RegExp(`^${error.replace(/[()]/g, "\\$&")}$`), why);
    assert.equal(body.error_code, code, why);
  }
});

test("an access token sent as refresh token signs the SDK's user out, in one request", async () => {
  const confused = await registerUser(open(service.url));
  confused.refreshToken = confused.accessToken;
  forget();
  await assert.rejects(confused.refreshCustomData(), refusal(401, "InvalidSession", "invalid refresh token: incorrect token type"));
  assert.deepEqual(sent(), ["POST /auth/session 401"]);
  assert.equal(confused.state, "logged-out");
});

test("functions: unknown, private, throwing, and restricted ones", async () => {
  const { functions } = user;
  await assert.rejects(functions.nothing(), refusal(400, "FunctionNotFound", "function not found: 'nothing'"));
  await assert.rejects(functions.hidden(), refusal(400, "FunctionNotFound", "function not found: 'hidden'"));
  await assert.rejects(functions.fails(), refusal(400, "FunctionExecutionError", `{"message":"boom","name":"TypeError"}`));
  await assert.rejects(functions.fails("value"), refusal(400, "FunctionExecutionError", "just a text"));
  await assert.rejects(functions.forEditors(), refusal(400, "FunctionExecutionError", /^rule not matched for function "forEditors"$/));
  await functions.writeCustomUserData({ editor: true });
  await assert.rejects(functions.forEditors(), refusal(400, "FunctionExecutionError", /rule not matched/), "the copy in the token counts");
  await user.refreshCustomData();
  assert.equal(await functions.forEditors(), "for editors");
});

test("functions: results keep their types", async () => {
  const { Binary, Decimal128, EJSON, Long, ObjectId } = Realm.BSON;
  for (const value of [
    "text", "", 3, 2.5, -1, true, false, null, [], {}, [1, [2, "3"]], new Date(1704164645678), new ObjectId(), Decimal128.fromString("1.10"),
    new Binary(Buffer.from("bytes")), { error: "a plain result", error_code: "nothing wrong" }, { $set: { a: 1 } }, "100 %\n€",
  ]) {
    assert.equal(EJSON.stringify(await user.functions.echo(value), { relaxed: false }), EJSON.stringify(value, { relaxed: false }));
  }
  assert.equal(await user.functions.echo(Long.fromString("1099511627776")), 1099511627776);
  assert.equal(await user.functions.echo(undefined), null);
  assert.deepEqual(await user.functions.echo(1, "two", null), [1, "two", null]);
  assert.deepEqual(await user.functions.echo({ a: undefined, b: { c: undefined } }), { b: { c: null } }, "as the SDK sends it");
  assert.deepEqual(await user.callFunction("echo"), []);
});

test("data sources: unknown ones, unknown operations, wrong arguments", async () => {
  const nowhere = user.mongoClient("nowhere").db(DATABASE_NAME).collection("notes");
  await assert.rejects(nowhere.insertOne({}), (e) => e.statusCode === 400 || e.statusCode === 404);
  const mongo = (error) => refusal(400, "MongoDBError", error);
  await assert.rejects(notes.find({ $who: 1 }), mongo(/unknown top level operator: \$who/));
  await assert.rejects(notes.updateOne({}, { $who: { a: 1 } }), mongo(/Unknown modifier: \$who/));
  await assert.rejects(notes.aggregate([{ $who: 1 }]), mongo(/Unrecognized pipeline stage name: '\$who'/));
  await assert.rejects(notes.findOneAndReplace({}, { $set: { a: 1 } }), mongo(/the replace operation document must not contain atomic operators/));
  await assert.rejects(notes.insertMany([]), mongo(/must provide at least one element/));
});

test("a duplicate document; documents before it in a list are kept", async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  await notes.insertOne({ _id: two });
  await assert.rejects(notes.insertOne({ _id: two }), refusal(400, "MongoDBError", /Duplicate key error/));
  await assert.rejects(notes.insertMany([{ _id: one }, { _id: two }, { _id: randomUUID() }]), refusal(400, "MongoDBError", /Duplicate key error/));
  assert.equal(await notes.count({ _id: { $in: [one, two] } }), 2);
});

test("a collection without rules is not accessible", async () => {
  const closed = user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection("closed");
  const denied = (e) => e.errorCode === "NoMatchingRuleFound" && (e.statusCode === 400 || e.statusCode === 403);
  await assert.rejects(closed.find(), denied);
  await assert.rejects(closed.insertOne({}), denied);
  await assert.rejects(closed.updateOne({}, { $set: { a: 1 } }), denied);
});

test("another user's custom data cannot be taken over", async () => {
  const data = user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection("custom_user_data");
  await user.functions.writeCustomUserData({ favoriteColor: "pink" });
  await assert.rejects(data.updateOne({ userId: user.id }, { $set: { userId: "another" } }), refusal(403, "NoMatchingRuleFound", /update not permitted/));
  assert.equal((await data.findOne()).userId, user.id);
});

test("unsupported endpoints return an error: OAuth redirect, push, sync", async () => {
  for (const [method, path] of [
    ["GET", "/app/sdk-home/auth/providers/oauth2-google/login"], ["PUT", "/app/sdk-home/push/providers/gcm/registration"],
    ["DELETE", "/app/sdk-home/push/providers/gcm/registration"], ["GET", "/app/sdk-home/realm-sync"],
  ]) {
    const { status, type, body } = await ask(method, base + path, user.accessToken);
    assert.ok(status >= 400 && status < 500 || status === 501, `${method} ${path}: ${status}`);
    assert.equal(type, "application/json");
    assert.ok(body.error.length > 0);
  }
});

test("an error has a link to the log; an empty success has no content type", async () => {
  await assert.rejects(user.functions.fails(), (e) => /logs\?co_id=/.test(e.link));
  const { status, type, body } = await ask("POST", `${base}/app/sdk-home/auth/providers/local-userpass/register`, undefined, { email: address(), password });
  assert.deepEqual({ status, type, body }, { status: 201, type: null, body: undefined });
});
