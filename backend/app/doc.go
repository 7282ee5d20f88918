// Package app reads an application directory in the hosted service's export layout, checks it, and reports by file and
// key what is invalid or not supported.
//
// May import: model, backend/api, backend/query, backend/rules.
package app
