package app

import (
	"io/fs"
	"path"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	nodeModules    = "node_modules"
	maxModuleFiles = 50_000    // files
	maxModuleBytes = 256 << 20 // bytes of all modules together
)

// modules makes node_modules available to require, and reports missing dependencies.
func (r *reader) modules() {
	dir := path.Join("functions", nodeModules)
	if r.exists(dir) && r.modulesFit(dir) {
		r.app.Modules, _ = fs.Sub(r.fs, "functions")
		r.report(Works, dir, "", "modules for require")
	}
	name := "functions/package.json"
	f := r.openFile(name)
	if f == nil {
		return
	}
	for _, e := range f.topLevel() {
		if e.Key != "dependencies" {
			continue
		}
		d, _ := e.Value.(bson.D)
		for _, m := range d {
			at := path.Join(dir, m.Key)
			if !fs.ValidPath(at) || !r.exists(at) {
				f.unsupported(joinKey(e.Key, m.Key), "is not in %s: run npm install in functions/", dir)
			}
		}
	}
}

// modulesFit reports whether the modules are within the size limits.
func (r *reader) modulesFit(dir string) bool {
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
		if bytes += info.Size(); files > maxModuleFiles || bytes > maxModuleBytes {
			return fs.SkipAll
		}
		return nil
	})
	switch {
	case err != nil:
		r.report(Invalid, dir, "", "cannot be read: %v", err)
	case files > maxModuleFiles || bytes > maxModuleBytes:
		r.report(Unsupported, dir, "", "has more than %d files or %d bytes: require finds no modules", maxModuleFiles,
			maxModuleBytes)
	default:
		return true
	}
	return false
}
