// Command screenshots paints frames of the screen as PNG files: the README's scenes, or a frame from standard input.
//
// May import: themes, ui/uitest.
package main
