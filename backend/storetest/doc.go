// Package storetest gives a test a database of its own: an embedded one, or databases that no other test has in the deployment that
// DOSSIER_TEST_URI names, gone when the test ends.
//
// May import: backend/embedded, backend/store.
package storetest
