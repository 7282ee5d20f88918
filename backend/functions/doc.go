// Package functions runs an application's JavaScript functions, each call in a fresh runtime, under its caller's rules
// or, where the function says so, as system.
//
// What a call is bound by: a deadline (30 s), after which it is interrupted wherever JavaScript runs; 16 MiB for what
// it returns; 2,000 nested calls; 10 functions that call each other; 50 lines of console output; 16 calls at a time.
// It has no files and no network. Promises settle within the call: a function that waits for nothing that can still
// happen has failed.
//
// How far memory is bounded: the process's heap is looked at every 20 ms, and a call during which it grows by more
// than 512 MiB is interrupted. This is a brake and no wall. The heap is shared, so a call can be stopped for what others
// do. A single built-in operation is not interrupted while it runs; those that make much of little (repeat, padStart,
// fill, join, typed arrays …) are bounded to 16 Mi items, but a costly regular expression or a sort can run past the
// deadline, and a chain of bounded operations past the memory, before they are stopped; a BigInt shifted very far, or a
// source of millions of brackets for eval, ends the process. Functions are written by the
// application's owner; whoever runs other people's code has to bound the process itself.
//
// May import: backend/api, backend/app, backend/datasource, backend/rules, backend/store.
package functions
