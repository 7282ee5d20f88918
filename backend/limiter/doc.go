// Package limiter limits how many operations run at a time, per key (such as a user id) and in total.
//
// May import: nothing of ours.
package limiter
