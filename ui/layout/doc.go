// Package layout divides the screen into rectangles: header, panes, footer and dialogs.
//
// May import: nothing of ours.
package layout
