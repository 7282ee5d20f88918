// Package state holds what the screen knows about the current person, as one value that panes and overlays only read.
//
// May import: model.
package state
