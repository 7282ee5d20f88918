// Package store speaks to MongoDB: it is the only room that knows the driver, and it turns every failure of it into one clear sentence.
//
// May import: nothing of ours.
package store
