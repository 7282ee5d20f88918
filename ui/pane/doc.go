// Package pane defines panes and overlays, and draws their frames, lists and facts.
//
// May import: model, ui/keys, ui/style.
package pane
