// Package datasource is the MongoDB service functions of the client API — find, updateOne, aggregate and their kin —
// under the rules of the caller.
//
// How reading keeps what may not be seen from leaking. The rules become one filter for the database. Where that filter
// says the whole rule and documents are shown whole, the caller's query, sort and pipeline run in the database behind
// it. Everywhere else — fields are hidden, or a rule cannot be said in a filter — the candidates are read (at most
// 50,000 documents and 64 MiB), each is cut to what its role shows, and the caller's query, sort, projection and
// pipeline run here, on what is left. So a caller's words only ever meet what the caller may see.
//
// How writing keeps to what was checked. The document is read, the change is worked out here, the permissions are put
// to the document before and after, and what was worked out is written, field by field, under a filter that holds the
// old value of every field that the change, the query or a rule looked at. If somebody else was faster nothing is
// written, and all of it starts again. Many documents are all checked before the first is written.
//
// In the collection of custom user data nobody changes _id or the user id field, functions that run as system
// included. The databases admin, config, local and dossier_… are closed to everybody.
//
// May import: backend/api, backend/app, backend/limiter, backend/query, backend/rules, backend/store.
package datasource
