// Command screenshots paints frames of the screen as PNG files: the README's scenes, or a frame read from its input.
//
// May import: themes, ui/uitest.
package main
