// Package store wraps the MongoDB driver. It is the only package that imports the driver's client, and it converts
// every failure into one clear sentence.
//
// May import: nothing of ours.
package store
