// Package triggers runs functions, as system and in the background, after something happened: somebody signed in, came to be or
// was deleted, or a document changed.
//
// Authentication events wait in this process, at most 1,000 of them, and run four at a time; what does not fit is dropped with an
// error in the log. Close runs what still waits, for 10 s. A process that dies takes its events along: such a trigger runs at most once.
//
// Each database trigger runs in one process at a time, one event after the other in the order of the changes: the process that holds
// its lease, a document in the accounts' database with the place the change stream has come to. The holder renews the lease; when it
// is gone for 90 s (or closed properly) another goes on from that place. The place is stored behind each event, so an event runs
// at least once: again after a crash or while the database cannot be reached. A function that fails otherwise is logged
// and its event is over. The clocks of the processes have to agree within some seconds.
//
// A trigger whose function changes the collection it watches runs again for that, as on the hosted service; since events run one
// by one, it keeps one function busy and no more. A deployment without change streams has no database triggers: the log says so.
//
// May import: model, backend/app, backend/auth, backend/store.
package triggers
