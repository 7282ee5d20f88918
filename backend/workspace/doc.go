// Package workspace runs the service in this process: on the embedded database that it makes, fills and shares between processes, or on a deployment that somebody names.
//
// May import: model, backend, backend/api, backend/app, backend/auth, backend/client, backend/directory, backend/embedded, backend/filelock, backend/server, backend/store.
package workspace
