// Package backend puts the service together: it introduces the rooms behind the client API to each other.
//
// May import: model, backend/app, backend/auth, backend/customdata, backend/datasource, backend/directory, backend/functions, backend/mail, backend/rules, backend/server, backend/store, backend/triggers.
package backend
