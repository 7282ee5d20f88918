// Confirmation of registrations and password resets: by mail in one application, by functions in another, both on one service.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Realm, address, application, claims, open, password, registerUser, refusal, serve } from "./harness.mjs";

const { Credentials } = Realm;
const service = await serve({ apps: ["home", "mail", "functions"].map(application) });
after(() => service.end());

/** The records that the functions of the second application stored for a user. */
async function written(username, what) {
  const app = open(service.url, "sdk-functions");
  const email = `friend-${address()}`;
  const friend = await registerUser(app, email);
  return friend.functions.waiting(username, what);
}

const signedIn = (app, email, word = password) => app.logIn(Credentials.emailPassword(email, word));
const unconfirmed = refusal(401, "AuthError", "unauthorized");

test("by mail: sign-in is refused until the link in the mail is used", async () => {
  const app = open(service.url, "sdk-mail");
  const email = address();
  await app.emailPasswordAuth.registerUser({ email, password });
  await assert.rejects(signedIn(app, email), unconfirmed);
  const { link, subject, token, tokenId } = await service.mail(email);
  assert.equal(subject, "Is this you?");
  assert.ok(link.startsWith("https://example.com/confirm?"));
  await app.emailPasswordAuth.confirmUser({ token, tokenId });
  assert.deepEqual((await signedIn(app, email)).profile, { email });
});

test("by mail: the mail can be sent again until the address is confirmed", async () => {
  const app = open(service.url, "sdk-mail");
  const email = address();
  await app.emailPasswordAuth.registerUser({ email, password });
  const first = await service.mail(email);
  await app.emailPasswordAuth.resendConfirmationEmail({ email });
  const { token, tokenId } = await service.mail(email);
  assert.notEqual(token, first.token);
  await app.emailPasswordAuth.confirmUser({ token, tokenId });
  await signedIn(app, email);
  await assert.rejects(app.emailPasswordAuth.resendConfirmationEmail({ email }), refusal(400, "UserAlreadyConfirmed", "already confirmed"));
});

test("by mail: malformed, unknown and foreign tokens are refused", async () => {
  const app = open(service.url, "sdk-mail");
  const { emailPasswordAuth } = app;
  const email = address();
  await emailPasswordAuth.registerUser({ email, password });
  const { token, tokenId } = await service.mail(email);
  const malformed = refusal(400, "BadRequest", "invalid token data");
  const unknown = refusal(400, "UserpassTokenInvalid", "userpass token is expired or invalid");
  await assert.rejects(emailPasswordAuth.confirmUser({ token: "abc", tokenId: "def" }), malformed);
  await assert.rejects(emailPasswordAuth.resetPassword({ token: "abc", tokenId: "def", password }), malformed);
  await assert.rejects(emailPasswordAuth.confirmUser({ token: "0".repeat(128), tokenId }), unknown);
  await assert.rejects(emailPasswordAuth.confirmUser({ token, tokenId: "1".repeat(24) }), unknown);
  await assert.rejects(emailPasswordAuth.resetPassword({ token, tokenId, password }), unknown);
  await emailPasswordAuth.confirmUser({ token, tokenId });
  await signedIn(app, email);
});

test("by mail: a reset for an unknown address, and missing functions", async () => {
  const { emailPasswordAuth } = open(service.url, "sdk-mail");
  const missing = address();
  await assert.rejects(emailPasswordAuth.sendResetPasswordEmail({ email: missing }), refusal(404, "UserNotFound", "user not found"));
  await assert.rejects(emailPasswordAuth.callResetPasswordFunction({ email: missing, password }), (e) => e.statusCode >= 400 && e.statusCode < 500);
  await assert.rejects(emailPasswordAuth.retryCustomConfirmation({ email: missing }), (e) => e.statusCode >= 400 && e.statusCode < 500);
});

test("automatic confirmation: confirmation requests are refused", async () => {
  const app = open(service.url);
  const email = address();
  await registerUser(app, email);
  await assert.rejects(app.emailPasswordAuth.resendConfirmationEmail({ email }), refusal(400, "UserAlreadyConfirmed", "already confirmed"));
  await assert.rejects(app.emailPasswordAuth.retryCustomConfirmation({ email }),
    refusal(400, "BadRequest", `cannot run confirmation for ${email}: automatic confirmation is enabled`));
});

test("by function: success confirms at once, fail refuses, pending waits for the token", async () => {
  const app = open(service.url, "sdk-functions");
  const friend = `friend-${address()}`;
  assert.deepEqual((await registerUser(app, friend)).profile, { email: friend });

  const stranger = `stranger-${address()}`;
  await app.emailPasswordAuth.registerUser({ email: stranger, password }).catch(refusal(400, "BadRequest", `failed to confirm user "${stranger}"`));
  await assert.rejects(signedIn(app, stranger), unconfirmed);
  await assert.rejects(app.emailPasswordAuth.retryCustomConfirmation({ email: stranger }), refusal(400, "BadRequest", `failed to confirm user "${stranger}"`));

  const waits = `wait-${address()}`;
  await app.emailPasswordAuth.registerUser({ email: waits, password });
  await assert.rejects(signedIn(app, waits), unconfirmed);
  const [{ token, tokenId }] = await written(waits, "confirm");
  assert.match(token, /^[0-9a-f]{128}$/);
  assert.match(tokenId, /^[0-9a-f]{24}$/);
  await app.emailPasswordAuth.confirmUser({ token, tokenId });
  assert.deepEqual((await signedIn(app, waits)).profile, { email: waits });
});

test("by function: the confirmation can be run again", async () => {
  const app = open(service.url, "sdk-functions");
  const later = `later-${address()}`;
  await app.emailPasswordAuth.registerUser({ email: later, password });
  await assert.rejects(signedIn(app, later), unconfirmed);
  await app.emailPasswordAuth.retryCustomConfirmation({ email: later });
  await signedIn(app, later);
  await assert.rejects(app.emailPasswordAuth.retryCustomConfirmation({ email: later }), refusal(400, "UserAlreadyConfirmed", "already confirmed"));
  await assert.rejects(app.emailPasswordAuth.retryCustomConfirmation({ email: address() }), refusal(404, "UserNotFound", "user not found"));
});

test("by function: a new password at once, or with the token; refused with a wrong answer", async () => {
  const app = open(service.url, "sdk-functions");
  const email = `friend-${address()}`;
  const { id } = await registerUser(app, email);
  const { emailPasswordAuth } = app;
  const wrong = refusal(401, "InvalidPassword", "unauthorized");

  await assert.rejects(emailPasswordAuth.callResetPasswordFunction({ email, password: "the second" }, 41), refusal(400, "BadRequest", `failed to reset password for user "${email}"`));
  await assert.rejects(signedIn(app, email, "the second"), wrong);
  await emailPasswordAuth.callResetPasswordFunction({ email, password: "the second" }, 42, "success");
  assert.equal((await signedIn(app, email, "the second")).id, id);
  await assert.rejects(signedIn(app, email), wrong);

  await emailPasswordAuth.callResetPasswordFunction({ email, password: "the third" }, 42, "pending");
  await assert.rejects(signedIn(app, email, "the third"), wrong);
  const { token, tokenId, length } = (await written(email, "reset")).at(-1);
  assert.equal(length, "the third".length);
  await emailPasswordAuth.resetPassword({ token, tokenId, password: "the third" });
  assert.equal((await signedIn(app, email, "the third")).id, id);

  await assert.rejects(emailPasswordAuth.callResetPasswordFunction({ email: address(), password }, 42, "success"), refusal(404, "UserNotFound", "user not found"));
  await assert.rejects(emailPasswordAuth.sendResetPasswordEmail({ email }), refusal(400, "BadRequest", "please use reset password via function"));
});

test("the user creation function: its document is in the first token, its error refuses the sign-in", async () => {
  const app = open(service.url, "sdk-functions");
  const email = `friend-${address()}`;
  const user = await registerUser(app, email);
  const { _id, ...rest } = user.customData;
  assert.deepEqual(rest, { owner_id: user.id, greeting: "welcome", email });
  const mallory = `friend-mallory-${address()}`;
  await assert.rejects(registerUser(app, mallory), (e) => e.statusCode >= 400 && e.statusCode < 500);
  await assert.rejects(signedIn(app, mallory), (e) => e.statusCode >= 400 && e.statusCode < 500);
});

test("two applications on one service: the same address is two users, and a token works in one application only", async () => {
  const [home, other] = [open(service.url), open(service.url, "sdk-functions")];
  const email = `friend-${address()}`;
  const here = await registerUser(home, email);
  const there = await registerUser(other, email);
  assert.notEqual(here.id, there.id);
  assert.notEqual(claims(here.accessToken).baas_domain_id, claims(there.accessToken).baas_domain_id);

  // For requests without an app id in the path, the token selects the application.
  await here.functions.writeCustomUserData({ favoriteColor: "pink" });
  assert.equal((await here.refreshCustomData()).favoriteColor, "pink");
  assert.equal((await there.refreshCustomData()).greeting, "welcome");
  await here.refreshProfile();
  await there.refreshProfile();

  const call = (app, token) => fetch(`${service.url}/api/client/v2.0/app/${app}/functions/call`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: `{"name":"waiting","arguments":["x","confirm"]}`,
  });
  assert.equal((await call("sdk-functions", there.accessToken)).status, 200);
  assert.equal((await call("sdk-functions", here.accessToken)).status, 401);

  await here.logOut();
  assert.equal((await there.refreshCustomData()).greeting, "welcome");
});
