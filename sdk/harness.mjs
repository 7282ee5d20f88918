// Test harness: a dossier process with a temporary directory, the SDK with a record of its requests, and test users.

import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Requests since forget(), in the order of their responses: { method, path, status }; status 0: no response. */
export const requests = [];

/** Clears the record of requests. */
export function forget() {
  requests.length = 0;
}

/** The requests as lines such as "POST /auth/session 201"; paths start after the app id. */
export function sent() {
  return requests.map(({ method, path, status }) => `${method} ${path.replace(/^\/api\/client\/v2\.0/, "").replace(/^\/app\/[^/]+/, "")} ${status}`);
}

// The SDK reads the global fetch when it is loaded, so this runs first.
const send = globalThis.fetch;
globalThis.fetch = async (url, init = {}) => {
  const entry = { method: init.method ?? "GET", path: new URL(url).pathname, status: 0 };
  try {
    const response = await send(url, init);
    entry.status = response.status;
    return response;
  } finally {
    requests.push(entry);
  }
};

/** The SDK, unchanged. */
export const Realm = createRequire(import.meta.url)("realm-web");

/** The signing secret of the test token issuer. */
export const signingKey = "a-secret-of-at-least-thirty-two-characters";

/** Location of the custom data of the applications in apps/. */
export const CLUSTER_NAME = "mongodb-atlas";
export const DATABASE_NAME = "app";
export const COLLECTION_NAME = "custom_user_data";

const program = process.env.DOSSIER ?? join(here, "..", "dossier");

/** The directory of an application in apps/. */
export function application(name) {
  return join(here, "apps", name);
}

/** Runs a dossier command and returns its output. */
export function dossier(args, environment, input = "") {
  const { status, stdout, stderr } = spawnSync(program, args, { env: environment, input, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`dossier ${args.join(" ")}: exit ${status}\n${stderr}`);
  }
  return stdout;
}

/**
 * Starts the built program (DOSSIER, or ../dossier), on the deployment in DOSSIER_TEST_URI if it is set.
 * @param {object} o apps: application directories; data: data directory, by default a temporary one; flags: additional flags of `serve`
 */
export async function serve({ apps = [application("home")], data, flags = [] } = {}) {
  const home = await mkdtemp(join(tmpdir(), "dossier-sdk-"));
  const log = join(home, "log");
  const environment = { PATH: process.env.PATH, HOME: home, DOSSIER_LOG: log, DOSSIER_LOG_FORMAT: "json", DOSSIER_SECRET_SDK_SIGNING_KEY: signingKey };
  const uri = process.env.DOSSIER_TEST_URI ? ["--uri", process.env.DOSSIER_TEST_URI] : [];
  const child = spawn(
    program,
    ["serve", "--json", "--data", data ?? home, ...uri, "--listen", "127.0.0.1:0", ...apps.flatMap((dir) => ["--app", dir]), ...flags],
    { env: environment, stdio: ["ignore", "pipe", "pipe"] },
  );
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaints += text));
  const exited = new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  const ready = new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  const line = await Promise.race([ready, exited.then((code) => `exit ${code}`)]);
  if (!line.startsWith("{")) {
    throw new Error(`dossier serve did not start: ${line}\n${complaints}`);
  }
  const { url } = JSON.parse(line);
  return {
    url,
    /** The log of the service. */
    log: () => readFile(log, "utf8"),
    /** The token in the latest mail to an address. Without a mail server the service logs mails. */
    async mail(to) {
      const mails = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes('"link"')).map((line) => JSON.parse(line));
      const { link, subject } = mails.filter((mail) => mail.to === to).at(-1);
      const query = new URL(link).searchParams;
      return { link, subject, token: query.get("token"), tokenId: query.get("tokenId") };
    },
    /** Runs a dossier command against the service and returns its output. */
    command: (args, input) => dossier(["--server", url, ...args], environment, input),
    /** Terminates the service with a signal and returns its exit status. */
    async end() {
      child.kill("SIGTERM");
      const code = await exited;
      await rm(home, { recursive: true, force: true });
      if (code !== 0) {
        throw new Error(`dossier serve ended with ${code}\n${complaints}`);
      }
    },
  };
}

/** An application on one device: the SDK's storage is separate from other devices. */
export function open(url, id = "sdk-home") {
  const storage = Realm.getEnvironment().defaultStorage.prefix(randomUUID());
  return new Realm.App({ id, baseUrl: url, storage });
}

/** A new e-mail address. */
export function address() {
  return `${randomUUID()}@example.com`;
}

export const password = "correct horse";

/** Registers a user and signs in. */
export async function registerUser(app, email = address()) {
  await app.emailPasswordAuth.registerUser({ email, password });
  return app.logIn(Realm.Credentials.emailPassword(email, password));
}

/** The custom data collection under the rules of a user. */
export function customDataOf(user) {
  return user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection(COLLECTION_NAME);
}

/** The custom data collection without rules. */
export function database(user, collection = COLLECTION_NAME) {
  return new Proxy({}, { get: (_, method) => (...args) => user.callFunction("asSystem", collection, method, ...args) });
}

/** Sends a request without an SDK. */
export async function ask(method, url, token, body) {
  const response = await send(url, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get("content-type"), body: text === "" ? undefined : JSON.parse(text) };
}

/** Whether the deployment has change streams; without them watch returns an error. */
export async function watchable(url) {
  const user = await open(url).logIn(Realm.Credentials.anonymous());
  const call = { name: "watch", arguments: [{ database: DATABASE_NAME, collection: "notes" }], service: CLUSTER_NAME };
  const query = new URLSearchParams({ baas_request: Buffer.from(JSON.stringify(call)).toString("base64"), baas_at: user.accessToken });
  const response = await send(`${url}/api/client/v2.0/app/sdk-home/functions/call?${query}`);
  if (response.status === 200) {
    await response.body.cancel();
    return true;
  }
  const { error, error_code: code } = await response.json();
  if (code !== "ServiceCommandNotFound" || !process.env.DOSSIER_TEST_URI) {
    throw new Error(`watch: ${response.status} ${code} ${error}`);
  }
  return false;
}

/** The claims of a token. */
export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

/** Waits for a condition; fails after ten seconds. */
export async function until(what, holds) {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const value = await holds();
    if (value) {
      return value;
    }
  }
  throw new Error(`waited in vain until ${what}`);
}

/** A condition for assert.rejects: a response with this status, error_code and text. */
export function refusal(statusCode, errorCode, error) {
  return (e) => {
    const got = `${e.statusCode} ${e.errorCode} ${e.error}`;
    const fits = e.statusCode === statusCode && e.errorCode === errorCode && (error instanceof RegExp ? error.test(e.error) : e.error === error);
    if (!fits) {
      throw new Error(`refused with ${got} (${e.message}); expected ${statusCode} ${errorCode} ${error}`);
    }
    return true;
  };
}
