// A scenario for which whoever starts it changes the world around the service: each change is asked for by a line "change NAME WHAT" and is there when "ok" comes back.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { forget } from "./harness.mjs";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks for a change, waits for it, and starts counting requests anew. */
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
