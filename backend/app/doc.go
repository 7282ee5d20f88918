// Package app reads an application directory in the layout the hosted service exported, checks it, and says by file
// and key what is wrong in it or not supported here.
//
// May import: model, backend/api, backend/query, backend/rules.
package app
