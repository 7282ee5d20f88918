// Package embedded is a small document database in the same process: it speaks the MongoDB wire protocol to the
// official driver over a pipe and keeps everything in one bbolt file, for demos, development and single-machine use.
//
// A command that changes something is one write transaction, synced to disk before it is acknowledged; commands that
// arrive together share a transaction. Readers never wait for writers. What it does not do it refuses by name, with
// MongoDB's error codes.
//
// May import: backend/query.
package embedded
