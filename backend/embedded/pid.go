package embedded

import (
	"os"
	"strconv"
	"strings"
)

// The pid file beside the database only says whom to ask; the lock is the file's own. So a pid file that cannot be
// written or removed is no reason to fail.

func pidPath(path string) string { return path + ".pid" }

func writePID(path string) {
	if err := os.WriteFile(pidPath(path), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		removePID(path)
	}
}

// readPID gives 0 where there is nothing to read.
func readPID(path string) int {
	b, err := os.ReadFile(pidPath(path))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return pid
}

func removePID(path string) { os.Remove(pidPath(path)) }
