// Package functions runs an application's JavaScript functions, each call in a fresh runtime, under its caller's rules
// or, where the function says so, as system or as somebody else.
//
// What they find is the hosted service's: context (app, environment, functions, http, request, runningAsSystem, services, user,
// values), BSON, EJSON, console, utils.crypto and utils.jwt, require of what the application ships in functions/node_modules and of
// Node's buffer, crypto (hashes, HMACs, random bytes), timers, url and util.format, Buffer, URL, atob, btoa and timers. There are no
// sessions and transactions, no other modules of Node's own and no files. The language is what the runtime knows: no `import`,
// no `for await` (use toArray or forEach), no async generators, no Intl.
//
// What a call is bound by: a deadline (30 s), after which it is interrupted wherever JavaScript runs; 16 MiB for what
// it returns; 2,000 nested calls; 10 functions that call each other, those that rules ask included; 50 lines of console output;
// 16 calls at a time, of one person 8 with those of collections. Operations are done one after the other, their promises settle within the call, and timers go off while the
// function's promise is pending: a function that waits for nothing that can still happen has failed. The network is the hosts
// that whoever runs the service allows by name, redirects included; 4 MiB are sent and 16 MiB received.
//
// How far memory is bounded: the process's heap is looked at every 20 ms, and a call during which it grows by more
// than 512 MiB is interrupted. This is a brake and no wall. The heap is shared, so a call can be stopped for what others
// do. A single built-in operation is not interrupted while it runs; those that make much of little (repeat, padStart,
// fill, join, typed arrays, Buffer …) are bounded to 16 Mi items, and source for eval and patterns for RegExp to 32 Ki characters. A
// regular expression that looks back and ahead gives up after 30 s. What is left: a sort, or JSON.stringify of what is nested a hundred
// thousand deep, can run past the deadline; a chain of bounded operations past the memory; and a BigInt shifted or raised very far
// ends the process. Typed arrays, eval, RegExp and BigInt are bounded in functions whose source says one of these words (or could
// reach them otherwise: globalThis, constructor, require …). Functions are written by the application's owner; whoever runs other
// people's code has to bound the process itself.
//
// May import: backend/api, backend/app, backend/datasource, backend/rules, backend/store.
package functions
