// Package rules decides what a caller may read and change: it reads the roles, filters and expressions of an
// application and evaluates them for one caller and one document.
//
// It denies by default. Compiling an expression fails on any unknown operator, variable or key; a document to which no
// role applies does not exist for the caller; a field without a permission can be neither read nor changed.
//
// The role of a document is the first whose apply_when holds on it; for an update, on the document before the change. A
// write permission that does not use %%prevRoot or %%prev has to hold on the document before and after the change, so
// that a change cannot grant itself the permission that it needs. The most specific permission on a field applies: the
// field's own, then additional_fields, then the document's.
//
// A rule may call a function of the application (`%function`). If the function fails, the condition is undetermined:
// what depends on the result is denied, its negation too, and no later role is tried. A view calls a function once for
// the same arguments. Where the arguments depend on the caller only, the database still runs the rest of a query; where
// they depend on the document, each document is evaluated in this process.
//
// May import: model, backend/query.
package rules
