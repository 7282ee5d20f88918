// Package rules says who may see and change what: roles, filters and the expressions in them, read from an application
// directory and put to one caller and one document at a time.
//
// It denies by default. An expression is refused when it is read if any word of it is unknown; a document to which no
// role applies does not exist for the caller; a field without a permission is neither shown nor changed.
//
// The role of a document is the first whose apply_when holds on it; for an update that is the document as it was
// before. A write permission that does not speak of %%prevRoot or %%prev has to hold on the document before and after
// the change, so that nobody makes a document theirs by the very change that needs the permission. Of permissions on
// a field the nearest that is given counts: the field's own, then additional_fields, then the document's.
//
// A rule may ask a function of the application (`%function`). One that fails leaves the condition open: what only it
// would have decided is not granted, its contrary neither, and no later role steps in. A question is asked once for a
// request. Where a function is asked about the caller alone the database still does the rest of a query; where it is
// asked about the document each document is put to it.
//
// May import: model, backend/query.
package rules
