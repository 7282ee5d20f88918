// What the tests stand on: a dossier of its own on a temporary directory, the SDK with every request it sends written down, and people.

import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Requests that were sent since forget(), in the order of their answers: { method, path, status }; status 0: none came. */
export const requests = [];

/** Starts counting anew. */
export function forget() {
  requests.length = 0;
}

/** The requests as lines such as "POST /auth/session 201", paths from behind the application's id. */
export function sent() {
  return requests.map(({ method, path, status }) => `${method} ${path.replace(/^\/api\/client\/v2\.0/, "").replace(/^\/app\/[^/]+/, "")} ${status}`);
}

// The SDK takes hold of fetch when it is loaded, so this comes first.
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

/** The secret that the tests' token issuer signs with. */
export const signingKey = "a-secret-of-at-least-thirty-two-characters";

/** Where the applications of apps/ keep custom data. */
export const CLUSTER_NAME = "mongodb-atlas";
export const DATABASE_NAME = "app";
export const COLLECTION_NAME = "custom_user_data";

const program = process.env.DOSSIER ?? join(here, "..", "dossier");

/** The directory of one of the applications of apps/. */
export function application(name) {
  return join(here, "apps", name);
}

/** Runs a command of dossier and gives what it prints. */
export function dossier(args, environment, input = "") {
  const { status, stdout, stderr } = spawnSync(program, args, { env: environment, input, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`dossier ${args.join(" ")}: exit ${status}\n${stderr}`);
  }
  return stdout;
}

/**
 * Starts the built program (DOSSIER, or ../dossier), on the deployment that DOSSIER_TEST_URI names if it names one.
 * @param {object} o apps: directories of applications; data: where their data is, else in a new directory that goes when it ends; flags: further flags of `serve`
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
    /** Everything that the service wrote into its log. */
    log: () => readFile(log, "utf8"),
    /** The proof in the latest mail to somebody. Without a mail server the log is the outbox. */
    async mail(to) {
      const mails = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes('"link"')).map((line) => JSON.parse(line));
      const { link, subject } = mails.filter((mail) => mail.to === to).at(-1);
      const query = new URL(link).searchParams;
      return { link, subject, token: query.get("token"), tokenId: query.get("tokenId") };
    },
    /** Runs a command of dossier against the service and gives what it prints. */
    command: (args, input) => dossier(["--server", url, ...args], environment, input),
    /** Ends the service as its operator would, and says how it went. */
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

/** An application as one device has it: what the SDK keeps is kept apart from other devices'. */
export function open(url, id = "sdk-home") {
  const storage = Realm.getEnvironment().defaultStorage.prefix(randomUUID());
  return new Realm.App({ id, baseUrl: url, storage });
}

/** An e-mail address that nobody has yet. */
export function address() {
  return `${randomUUID()}@example.com`;
}

export const password = "correct horse";

/** Registers somebody and signs them in. */
export async function person(app, email = address()) {
  await app.emailPasswordAuth.registerUser({ email, password });
  return app.logIn(Realm.Credentials.emailPassword(email, password));
}

/** The collection with the custom data, as a user reaches it. */
export function customDataOf(user) {
  return user.mongoClient(CLUSTER_NAME).db(DATABASE_NAME).collection(COLLECTION_NAME);
}

/** The collection with the custom data as somebody reaches it whom no rule binds. */
export function database(user, collection = COLLECTION_NAME) {
  return new Proxy({}, { get: (_, method) => (...args) => user.callFunction("asSystem", collection, method, ...args) });
}

/** Asks the service without an SDK. */
export async function ask(method, url, token, body) {
  const response = await send(url, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get("content-type"), body: text === "" ? undefined : JSON.parse(text) };
}

/** Whether changes can be watched. A deployment without change streams has watch say so, and nothing else. */
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

/** Waits until something holds; fails after ten seconds. */
export async function until(what, holds) {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const value = await holds();
    if (value) {
      return value;
    }
  }
  throw new Error(`waited in vain until ${what}`);
}

/** A condition for assert.rejects: an answer of the service with this status, error_code and text. */
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
