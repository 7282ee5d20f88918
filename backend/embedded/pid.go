package embedded

import (
	"os"
	"strconv"
	"strings"
)

// The pid file beside the database only names the holder; the lock is on the database file. So errors of writing or
// removing the pid file are ignored.

func pidPath(path string) string { return path + ".pid" }

func writePID(path string) {
	if err := os.WriteFile(pidPath(path), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		removePID(path)
	}
}

// readPID returns 0 if the file is missing or invalid.
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
