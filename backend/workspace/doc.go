// Package workspace runs the service in this process: on the embedded database, which it creates, seeds and shares
// between processes, or on a deployment.
//
// May import: model, backend, backend/api, backend/app, backend/auth, backend/client, backend/directory,
// backend/embedded, backend/filelock, backend/server, backend/store.
package workspace
