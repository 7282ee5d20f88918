package app

import (
	"embed"
	"io/fs"
)

//go:embed demo
var demo embed.FS

// Demo is the embedded workspace's application directory: users may read, insert, write and delete their own document,
// and the seed's function writes it (seed: Flutter page, 'Write Custom User Data with an Atlas Function').
func Demo() fs.FS {
	sub, err := fs.Sub(demo, "demo")
	if err != nil {
		return demo // cannot happen: the directory is embedded
	}
	return sub
}
