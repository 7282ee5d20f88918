// Package embedded is a small document database in this process. It speaks the MongoDB wire protocol to the official
// driver over a pipe and stores everything in one bbolt file, for demos, development and single-machine use.
//
// A command that changes nothing writes nothing. A command that changes data is one write transaction, synced to disk
// before it is acknowledged; concurrent commands share a transaction. Readers never wait for writers. Unsupported
// features are rejected by name with MongoDB's error codes.
//
// May import: backend/query.
package embedded
