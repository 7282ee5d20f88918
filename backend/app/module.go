package app

import (
	"io/fs"
	"path"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	modules     = "node_modules"
	maxModules  = 50_000    // files
	maxShipping = 256 << 20 // bytes of all modules together
)

// modules makes what the directory ships of other people's code available to require, and names what it lacks.
func (r *reader) modules() {
	dir := path.Join("functions", modules)
	if r.has(dir) && r.weigh(dir) {
		r.app.Modules, _ = fs.Sub(r.fs, "functions")
		r.say(Works, dir, "", "the modules that require finds")
	}
	name := "functions/package.json"
	f := r.open(name)
	if f == nil {
		return
	}
	for _, e := range f.top() {
		if e.Key != "dependencies" {
			continue
		}
		d, _ := e.Value.(bson.D)
		for _, m := range d {
			at := path.Join(dir, m.Key)
			if !fs.ValidPath(at) || !r.has(at) {
				f.missing(under(e.Key, m.Key), "is not in %s: put it there (npm install in functions/)", dir)
			}
		}
	}
}

// weigh tells whether modules are of a size that can be served.
func (r *reader) weigh(dir string) bool {
	files, bytes := 0, int64(0)
	err := fs.WalkDir(r.fs, dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		if bytes += info.Size(); files > maxModules || bytes > maxShipping {
			return fs.SkipAll
		}
		return nil
	})
	switch {
	case err != nil:
		r.say(Invalid, dir, "", "cannot be read: %v", err)
	case files > maxModules || bytes > maxShipping:
		r.say(Unsupported, dir, "", "holds more than %d files or %d bytes; require finds nothing there", maxModules, maxShipping)
	default:
		return true
	}
	return false
}
