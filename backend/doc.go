// Package backend builds the service: it connects the packages behind the client API.
//
// May import: model, backend/app, backend/auth, backend/customdata, backend/datasource, backend/directory,
// backend/functions, backend/mail, backend/rules, backend/server, backend/store, backend/triggers.
package backend
