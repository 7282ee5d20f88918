// Package layout cuts a screen into rectangles: where the header, the panes and the foot stand, and where a dialog floats.
//
// May import: nothing of ours.
package layout
