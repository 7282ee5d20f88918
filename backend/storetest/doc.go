// Package storetest provides a database for a test: an embedded one, or databases with unique names in the deployment
// that DOSSIER_TEST_URI names. They are removed when the test ends.
//
// May import: backend/embedded, backend/store.
package storetest
