// A scenario whose parent process changes the environment of the service: the line "change NAME WHAT" requests a change, "ok" confirms it.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { forget } from "./harness.mjs";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Requests a change, waits for it, and clears the record of requests. */
export async function change(name, what) {
  console.log(`change ${name} ${what}`);
  assert.equal((await answers.next()).value, "ok");
  forget();
}

/** Ends the scenario. */
export function done() {
  answers.return?.();
  process.stdin.destroy();
}
