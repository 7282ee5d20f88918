//go:build linux

package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dossier/program"
)

// maxBytesForKey is the budget for the output after a key that moves the selection in the document, on average. Two
// rows change their background, so they are written again.
const maxBytesForKey = 400

// maxWakeUps is the budget for wake-ups of all threads of the screen, a second without input.
const maxWakeUps = 10

// openRestingScreen opens the screen with a token that is ten minutes old, and waits until it rests: before and after,
// it shows seconds, which costs a frame each.
func openRestingScreen(t *testing.T) *screen {
	t.Helper()
	h := newUsedHome(t)
	h.env = append(h.env, "COLORTERM=truecolor")
	var errs bytes.Buffer
	d := dependencies(h.dir, h.env, strings.NewReader(""), io.Discard, &errs)
	d.Now = func() time.Time { return time.Now().Add(-10 * time.Minute) }
	if code := program.Run(t.Context(), d, []string{"whoami"}); code != 0 {
		t.Fatalf("sign in ten minutes ago: %s", &errs)
	}
	s := openScreen(t, h)
	s.see("favoriteColor")
	s.rest()
	return s
}

// TestIdleScreenRests counts how often the threads of the screen wake up without input. The fewest of several periods
// count, because the program may still finish something at the beginning.
func TestIdleScreenRests(t *testing.T) {
	s := openRestingScreen(t)
	const period = 2 * time.Second
	var counts []int
	for range 5 {
		before := s.wakeUps()
		time.Sleep(period)
		counts = append(counts, s.wakeUps()-before)
		if counts[len(counts)-1] <= maxWakeUps*int(period/time.Second) {
			t.Logf("%v wake-ups in %v", counts, period)
			return
		}
	}
	t.Errorf("%v wake-ups in periods of %v, at most %d a second", counts, period, maxWakeUps)
}

// rest waits until the screen has written nothing for a while.
func (s *screen) rest() {
	for length := -1; length < len(s.written()); time.Sleep(100 * time.Millisecond) {
		length = len(s.written())
	}
}

// wakeUps returns how often the threads of the program have woken up so far.
func (s *screen) wakeUps() int {
	s.t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.cmd.Process.Pid))
	if err != nil || len(threads) == 0 {
		s.t.Fatalf("threads of the program: %v, %v", threads, err)
	}
	sum := 0
	for _, thread := range threads {
		text, _ := os.ReadFile(thread) // a thread may have ended
		_, value, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:\t")
		value, _, _ = strings.Cut(value, "\n")
		n, _ := strconv.Atoi(value)
		sum += n
	}
	return sum
}

// TestAKeyWritesLittle measures the output after keys that move the selection, in the document and in a dialog: what
// is dimmed below it is not written again.
func TestAKeyWritesLittle(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]string{"document": "", "command palette": "\x0b"} {
		s := openRestingScreen(t)
		s.write(open)
		s.rest()
		s.writesLittle(name)
	}
}

func (s *screen) writesLittle(name string) {
	s.t.Helper()
	const keys = 8
	before := len(s.written())
	for range keys {
		s.write("\x1b[B")
		s.rest()
	}
	if n := (len(s.written()) - before) / keys; n == 0 || n > maxBytesForKey {
		s.t.Errorf("%s: %d bytes after a key, at most %d", name, n, maxBytesForKey)
	}
}
