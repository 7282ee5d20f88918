// Package triggers runs functions as system, in the background, after an event: a user was created, signed in or was
// deleted, or a document changed.
//
// Authentication events are queued in this process, at most 1,000 of them, and run four at a time; further events are
// dropped with an error in the log. Close runs the queue for at most 10 s. A process that dies loses its queue: such a
// trigger runs at most once.
//
// Each database trigger runs in one process at a time, one event after the other in the order of the changes. That
// process has the trigger's lease, a document in the service's database that also holds the change stream's resume
// token. It extends the lease; 90 s after it stops (or at once after Close) another process continues from the token.
// The token is stored after each event, so an event runs at least once: again after a crash or while the database
// cannot be reached. Any other failure of the function is logged and not retried. The clocks of the processes must
// agree within seconds.
//
// A trigger whose function changes the watched collection triggers itself, as on the hosted service; since events run
// one by one, that keeps one function busy. A deployment without change streams runs no database triggers, and the log
// has a warning.
//
// May import: model, backend/app, backend/auth, backend/store.
package triggers
