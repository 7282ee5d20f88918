// Package functions runs an application's JavaScript functions, each call in a fresh runtime, with the permissions of
// its caller or, where the function is configured so, as system or as another user.
//
// Functions find what App Services has: context (app, environment, functions, http, request, runningAsSystem, services,
// user, values), BSON, EJSON, console, utils.crypto and utils.jwt, require for the modules in functions/node_modules
// and for Node's buffer, crypto (hashes, HMACs, random bytes), timers, url and util.format, Buffer, URL, atob, btoa and
// timers. There are no sessions and transactions, no other Node modules and no files. The language is what goja
// supports: no `import`, no `for await` (use toArray or forEach), no async generators, no Intl.
//
// Limits of a call: a deadline (30 s), after which JavaScript is interrupted; 16 MiB for the result; 2,000 nested
// JavaScript calls; 10 nested functions, including those that rules call; 50 lines of console output; 16 calls at a
// time, 8 of one user including those of collections. Operations run one after the other and their promises settle
// within the call. Timers run while the function's promise is pending; a promise that nothing can settle any more is an
// error. HTTP requests go only to the hosts that the operator of the service allows by name, redirects included; 4 MiB
// are sent and 16 MiB received.
//
// Memory is limited approximately: every 20 ms the process's heap is measured, and a call during which it grows by more
// than 512 MiB is interrupted. The heap is shared, so a call can be stopped because of others. A single built-in
// operation is not interrupted; those that create much from little (repeat, padStart, fill, join, typed arrays, Buffer
// …) are limited to 16 Mi items, and source for eval and patterns for RegExp to 32 Ki characters. A backtracking
// regular expression stops after 30 s. Not limited: a sort, or JSON.stringify of very deeply nested values, can exceed
// the deadline; a chain of limited operations can exceed the memory; and a BigInt with a very large shift or exponent
// ends the process. Typed arrays, eval, RegExp and BigInt are limited in functions whose source contains one of these
// names (or another way to reach them: globalThis, constructor, require …). Functions are written by the application's
// owner; an operator who runs the functions of other owners has to limit the process itself.
//
// May import: backend/api, backend/app, backend/datasource, backend/limiter, backend/rules, backend/store.
package functions
