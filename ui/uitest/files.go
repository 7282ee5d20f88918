package uitest

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"dossier/model"
	"dossier/ui/port"
)

// Files is a directory in memory. It is safe for concurrent use; the zero value is empty.
type Files struct {
	mu       sync.Mutex
	contents map[string]string
}

var _ port.Files = (*Files)(nil)

// Read returns the content of a file; "" if there is none.
func (f *Files) Read(path string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.contents[path]
}

// Write writes a file. Below "/missing/" it fails.
func (f *Files) Write(_ context.Context, path, content string, replace bool) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if strings.HasPrefix(path, "/missing/") {
		return "", &model.Fault{Kind: model.Failed, Op: "write " + path, Message: "no such file or directory"}
	}
	if _, exists := f.contents[path]; exists && !replace {
		return "", &model.Fault{Kind: model.Failed, Op: "write " + path, Message: "the file exists", Err: fs.ErrExist}
	}
	if f.contents == nil {
		f.contents = map[string]string{}
	}
	f.contents[path] = content
	return path, nil
}

// Complete returns the files whose paths start with a text.
func (f *Files) Complete(_ context.Context, path string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f.contents)), func(p string) bool {
		return !strings.HasPrefix(p,
			path)
	})
}
