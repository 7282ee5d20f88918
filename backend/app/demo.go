package app

import (
	"embed"
	"io/fs"
)

//go:embed demo
var demo embed.FS

// Demo is the embedded workspace's application directory: everybody may read, insert, write and delete their own
// document, and the function of the seed writes it (seed: Flutter page, 'Write Custom User Data with an Atlas Function').
func Demo() fs.FS {
	sub, err := fs.Sub(demo, "demo")
	if err != nil {
		return demo // cannot be: the directory is part of the program
	}
	return sub
}
