// Package currentuser is the life cycle of the user whose data the screen shows: profile, checks of the database,
// change events, refreshes, retries while the service is unreachable, undo.
//
// A Machine takes responses, change events and ticks, and returns the next state, notices and commands. It draws
// nothing.
//
// May import: model, ui/nav, ui/port, ui/request, ui/state.
package currentuser
