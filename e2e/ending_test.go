//go:build unix

package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// endings is how often each way of ending the screen is tried: the failures it looks for are races.
const endings = 50

// screen is dossier in a pseudo-terminal that this test reads and writes.
type screen struct {
	t        *testing.T
	cmd      *exec.Cmd
	master   *os.File
	slave    *os.File // kept open, to read the terminal's state after the end
	before   *term.State
	ended    chan error
	mu       sync.Mutex
	output   bytes.Buffer
	readDone chan struct{}
}

func openScreen(t *testing.T, h *home, args ...string) *screen {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 36, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, cmd: h.command(args...), master: master, slave: slave, before: before,
		ended: make(chan error, 1), readDone: make(chan struct{})}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	go s.read()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = slave.Close()
		_ = master.Close()
		<-s.readDone
	})
	return s
}

func (s *screen) read() {
	defer close(s.readDone)
	var chunk [4096]byte
	for {
		n, err := s.master.Read(chunk[:])
		s.mu.Lock()
		s.output.Write(chunk[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// see waits until the output contains a text.
func (s *screen) see(text string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(s.text(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("the screen never showed %q; output:\n%q", text, s.text())
		}
	}
}

func (s *screen) write(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.master, text); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for the process and returns its exit code.
func (s *screen) end() int {
	s.t.Helper()
	select {
	case <-s.ended:
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		_ = s.cmd.Process.Signal(syscall.SIGQUIT) // prints where it hangs
		<-s.ended
		s.t.Fatalf("the program did not end; output:\n%s", s.text())
		return -1
	}
}

// restored checks the terminal after the end: its modes and every mode that the program had switched on.
func (s *screen) restored() {
	s.t.Helper()
	after, err := term.GetState(s.slave.Fd())
	if err != nil {
		s.t.Fatal(err)
	}
	if fmt.Sprint(*after) != fmt.Sprint(*s.before) {
		s.t.Errorf("terminal attributes: got %v, want %v", *after, *s.before)
	}
	// The marker comes after everything that the program wrote.
	const marker = "-- end of output --"
	if _, err := io.WriteString(s.slave, marker); err != nil {
		s.t.Fatal(err)
	}
	s.see(marker)
	output := s.text()
	for _, mode := range []string{"1049", "1000", "1002", "1003", "1006", "2004", "1004"} {
		on, off := strings.LastIndex(output, "\x1b[?"+mode+"h"), strings.LastIndex(output, "\x1b[?"+mode+"l")
		if on > off {
			s.t.Errorf("mode %s is still on", mode)
		}
	}
	if strings.LastIndex(output, "\x1b[?25l") > strings.LastIndex(output, "\x1b[?25h") {
		s.t.Error("the cursor is hidden")
	}
}

func TestScreenEndsWithTerminalRestored(t *testing.T) {
	ways := map[string]struct {
		do   func(s *screen)
		code int
	}{
		"SIGTERM": {func(s *screen) { _ = s.cmd.Process.Signal(syscall.SIGTERM) }, 0},
		"SIGINT":  {func(s *screen) { _ = s.cmd.Process.Signal(syscall.SIGINT) }, 0},
		"SIGHUP":  {func(s *screen) { _ = s.cmd.Process.Signal(syscall.SIGHUP) }, 0},
		"ctrl+c":  {func(s *screen) { s.write("\x03") }, 0},
		"q":       {func(s *screen) { s.write("q") }, 0},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			h := newUsedHome(t)
			for range endings {
				s := openScreen(t, h)
				s.see("favoriteColor")
				way.do(s)
				if code := s.end(); code != way.code {
					t.Errorf("exit code %d, want %d", code, way.code)
				}
				s.restored()
			}
			if out := h.ok("whoami"); !strings.Contains(out, "favoriteColor") {
				t.Errorf("the workspace is not released: %s", out)
			}
		})
	}
}
