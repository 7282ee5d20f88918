// Package backendtest runs a whole service for tests: the demo application over loopback HTTP, on an embedded database
// or the deployment that DOSSIER_TEST_URI names, with a clock that only the test moves.
//
// May import: model, backend, backend/app, backend/auth, backend/store, backend/storetest.
package backendtest
