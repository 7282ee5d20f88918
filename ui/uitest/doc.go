// Package uitest is a person at the keyboard: made-up worlds, keys pressed, time passing, and the frames that come of it, without a terminal and without sleeping.
//
// May import: model, themes, ui, ui/port, ui/style.
package uitest
