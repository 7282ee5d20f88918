// Package datasource runs the operations of the client API on MongoDB collections (find, updateOne, aggregate …) under
// the rules of the caller.
//
// Reads never reveal what the caller may not see. The rules become one filter for the database. Where that filter
// expresses the rules completely and documents are visible as a whole, the database runs the caller's query, sort and
// pipeline together with it. Otherwise (fields are hidden, or a rule cannot be expressed as a filter) this package
// reads the candidates (at most 50,000 documents and 64 MiB), reduces each to what its role may read, and runs the
// caller's query, sort, projection and pipeline on the result. So a caller's query is never evaluated on data that the
// caller may not see.
//
// Writes apply exactly what was checked. This package reads the document, computes the change, checks the permissions
// on the document before and after it, and writes the computed fields under a filter that holds the old value of every
// field that the change, the query or a rule reads. If another writer was faster nothing is written, and all of it
// starts again. A change of many documents checks all of them before it writes the first.
//
// In the collection of custom data, _id and the user id field cannot be changed, not even by functions that run as
// system. The databases admin, config, local and dossier_… are closed to applications.
//
// May import: backend/api, backend/app, backend/limiter, backend/query, backend/rules, backend/store.
package datasource
