//go:build unix

package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"dossier/program"
)

// endings is how often each way of ending the screen is tried: the failures that these tests look for are races.
// DOSSIER_TEST_ENDINGS sets another number.
var endings = func() int {
	if n, err := strconv.Atoi(os.Getenv("DOSSIER_TEST_ENDINGS")); err == nil {
		return n
	}
	return 5
}()

// screen is dossier in a pseudo-terminal that this test reads and writes.
type screen struct {
	t        *testing.T
	cmd      *exec.Cmd
	master   *os.File
	slave    *os.File // kept open, to read the terminal's state after the end
	before   *term.State
	ended    chan error
	mu       sync.Mutex // guards emulator and output
	emulator *vt.Emulator
	output   bytes.Buffer
	readDone chan struct{}
}

func openScreen(t *testing.T, h *home, args ...string) *screen {
	t.Helper()
	return openScreenOn(t, vt.NewEmulator(120, 36), h, args...)
}

func openScreenOn(t *testing.T, emulator *vt.Emulator, h *home, args ...string) *screen {
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
	s := &screen{t: t, cmd: h.command(args...), master: pollable(t, master), slave: slave, before: before,
		emulator: emulator, ended: make(chan error, 1), readDone: make(chan struct{})}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	go s.read()
	go io.Copy(s.master, s.emulator) // the emulator's replies to the program's terminal queries
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		s.close()
	})
	return s
}

// pollable returns the file as one whose Close ends a pending Read: an idle screen writes nothing that would end it.
func pollable(t *testing.T, blocking *os.File) *os.File {
	t.Helper()
	defer blocking.Close()
	fd, err := syscall.Dup(int(blocking.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), blocking.Name())
}

// close closes both ends of the terminal.
func (s *screen) close() {
	_ = s.slave.Close()
	_ = s.master.Close()
	<-s.readDone
}

func (s *screen) read() {
	defer close(s.readDone)
	var chunk [4096]byte
	for {
		n, err := s.master.Read(chunk[:])
		s.mu.Lock()
		s.output.Write(chunk[:n])
		_, _ = s.emulator.Write(chunk[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// written returns everything that the program wrote.
func (s *screen) written() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// shown returns the text on the screen.
func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emulator.String()
}

// see waits until the screen shows a text.
func (s *screen) see(text string) {
	s.t.Helper()
	s.wait(text, s.shown)
}

func (s *screen) wait(text string, where func() string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(where(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("never showed %q:\n%s", text, where())
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
		s.t.Fatalf("the program did not end; output:\n%s", s.written())
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
	s.wait(marker, s.written)
	output := s.written()
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

func signalled(signal syscall.Signal) func(s *screen) {
	return func(s *screen) { _ = s.cmd.Process.Signal(signal) }
}

// typeDraft opens the editor of the first field and types text that is not saved.
func typeDraft(s *screen) {
	s.see("favoriteColor")
	s.write("/favoriteColor\r")
	s.see("─ favoriteColor ─") // the cursor is on the field
	s.write("e")
	s.see("› pink")
	s.write("draft")
	s.see("pinkdraft")
}

// TestScreenEndsWithTerminalRestored ends the screen in every way a terminal program can be ended: it exits, restores
// the terminal and releases the workspace.
func TestScreenEndsWithTerminalRestored(t *testing.T) {
	shown := func(s *screen, _ int) { s.see("favoriteColor") }
	typing := func(s *screen, _ int) { typeDraft(s) }
	// A process that has not installed its handlers yet dies from the signal, before it changes the terminal. The
	// repetitions have fixed delays, spread over the first 150 ms, so that a failure repeats.
	starting := func(_ *screen, repetition int) {
		time.Sleep(150 * time.Millisecond * time.Duration(repetition) / time.Duration(endings))
	}
	ways := map[string]struct {
		when func(s *screen, repetition int)
		how  func(s *screen)
		code int // -1: any
	}{
		"SIGTERM":              {shown, signalled(syscall.SIGTERM), 0},
		"SIGINT":               {shown, signalled(syscall.SIGINT), 0},
		"SIGHUP":               {shown, signalled(syscall.SIGHUP), 0},
		"ctrl+c":               {shown, func(s *screen) { s.write("\x03") }, 0},
		"q":                    {shown, func(s *screen) { s.write("q") }, 0},
		"SIGTERM while typing": {typing, signalled(syscall.SIGTERM), 0},
		"SIGTERM at the start": {starting, signalled(syscall.SIGTERM), -1},
		"SIGINT at the start":  {starting, signalled(syscall.SIGINT), -1},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h *home
			for i := range endings {
				h = newUsedHome(t)
				s := openScreen(t, h)
				way.when(s, i)
				way.how(s)
				if code := s.end(); way.code >= 0 && code != way.code {
					t.Errorf("exit code %d, want %d", code, way.code)
				}
				s.restored()
				s.close()
			}
			if r := h.run("", "whoami"); r.code != 0 {
				t.Errorf("the workspace is not released: %+v", r)
			}
		})
	}
}

// TestScreenEndsWhenItsTerminalCloses checks the loss of the terminal, such as a closed window or a dropped connection.
func TestScreenEndsWhenItsTerminalCloses(t *testing.T) {
	t.Parallel()
	for range endings {
		h := newUsedHome(t)
		s := openScreen(t, h)
		typeDraft(s)
		s.close()
		s.end()
		if !strings.Contains(filesBelow(t, filepath.Join(h.dir, "state")), "dossier-draft-") {
			t.Error("the draft is not kept")
		}
	}
}

// TestScreenEndsWhenItsTerminalDoesNotRead checks a terminal behind a line that is stuck: keys count, and the process
// ends.
func TestScreenEndsWhenItsTerminalDoesNotRead(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	s := openScreen(t, h)
	s.see("favoriteColor")
	s.mu.Lock() // read waits for it
	for range 100 {
		s.write("m")
		time.Sleep(20 * time.Millisecond)
	}
	s.write("q")
	code := s.end()
	s.mu.Unlock()
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	if after, err := term.GetState(s.slave.Fd()); err != nil || fmt.Sprint(*after) != fmt.Sprint(*s.before) {
		t.Errorf("terminal attributes: got %v (%v), want %v", after, err, s.before)
	}
}

// TestSignalEndsDoctor ends doctor while a module that it checks does not end.
func TestSignalEndsDoctor(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	h.write(dir, "functions/onNewUser.js", `exports = () => require("endless")`)
	if err := os.MkdirAll(filepath.Join(dir, "functions/node_modules/endless"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.write(dir, "functions/node_modules/endless/index.js", "for (;;) {}")
	protected := make(chan os.Signal, 1) // signals after the first do not end this process
	signal.Notify(protected, syscall.SIGUSR1)
	defer signal.Stop(protected)
	var out, errs buffer
	d := dependencies(h.dir, h.env, strings.NewReader(""), &out, &errs)
	d.Signals = []os.Signal{syscall.SIGUSR1}
	code := make(chan int, 1)
	go func() { code <- program.Run(t.Context(), d, []string{"doctor", "--app", dir}) }()
	for deadline := time.After(4 * time.Second); ; { // the check of the module ends after 5 seconds
		select {
		case got := <-code:
			if got != 1 || out.String() != "" || !strings.Contains(errs.String(), "interrupted") {
				t.Errorf("exit code %d\n%s\n%s", got, out.String(), errs.String())
			}
			return
		case <-deadline:
			t.Fatal("the signal did not end doctor")
		case <-time.After(50 * time.Millisecond):
			_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		}
	}
}

// filesBelow returns the contents of all files in a directory.
func filesBelow(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreMissing(err)
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return ignoreMissing(err)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// ignoreMissing returns nil for a file that another process has just removed or renamed.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// TestSuspendAndResume suspends the screen by key and by signal, uses the shell, and continues.
func TestSuspendAndResume(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for name, stop := range map[string]func(term *terminal){
		"ctrl+z": func(term *terminal) { term.press("C-z") },
		"SIGTSTP": func(term *terminal) {
			shell := strings.TrimSpace(term.tmux("display-message", "-p", "#{pane_pid}"))
			out, err := exec.Command("pkill", "-TSTP", "-P", shell).CombinedOutput()
			if err != nil {
				t.Fatalf("pkill: %v %s", err, out)
			}
		},
	} {
		term := openShell(t, h)
		term.typeText(built(t))
		term.press("Enter")
		term.see("favoriteColor")
		stop(term)
		term.see("Stopped")
		term.dontSee("favoriteColor")
		term.typeText("echo cooked $((40+2))")
		term.press("Enter")
		term.see("cooked 42")
		term.typeText("fg")
		term.press("Enter")
		term.see("favoriteColor")
		term.press("q")
		term.dontSee("favoriteColor")
		for !strings.Contains(term.tmux("capture-pane", "-p"), "ended 43") { // input during the exit is lost
			term.typeText("echo ended $((40+3))")
			term.press("Enter")
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("%s: suspended and resumed", name)
	}
}

// TestNoMouse checks that the mouse is left to the terminal on request.
func TestNoMouse(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for _, c := range []struct {
		args  []string
		mouse bool
	}{{nil, true}, {[]string{"--no-mouse"}, false}} {
		s := openScreen(t, h, c.args...)
		s.see("favoriteColor")
		s.write("q")
		s.end()
		if on := strings.Contains(s.written(), "\x1b[?1002h"); on != c.mouse {
			t.Errorf("dossier %v: mouse reports are on: %v", c.args, on)
		}
	}
}

// dossier requests the terminal's background before it gets the theme's: a light terminal shows the light theme.
func TestTheThemeSuitsTheTerminal(t *testing.T) {
	t.Parallel()
	for background, want := range map[ansi.RGBColor]string{{R: 255, G: 255, B: 255}: "#fbfaf6", {}: "#14171d"} {
		emulator := vt.NewEmulator(120, 36)
		emulator.SetDefaultBackgroundColor(background)
		s := openScreenOn(t, emulator, newUsedHome(t))
		s.see("favoriteColor")
		s.wait("\x1b]11;"+want, s.written)
		s.write("q")
		s.end()
		_, afterQuery, _ := strings.Cut(s.written(), "\x1b]11;?")
		if last := strings.LastIndex(s.written(), "\x1b]11;#"); !strings.HasPrefix(s.written()[last:], "\x1b]11;"+want) ||
			strings.Count(afterQuery, "\x1b]11;#") != strings.Count(s.written(), "\x1b]11;#") {
			t.Errorf("terminal %v: want the theme with %s, set after the query", background, want)
		}
	}
}

// Commands print plain text and do not query the terminal: the answer takes time, and some terminals never answer.
func TestCommandsDoNotQueryTheTerminal(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"whoami"}, "type: normal", 0},
		{[]string{"version"}, "dossier ", 0},
		{[]string{"set", "x"}, "expected PATH=VALUE", 2},
		{[]string{"unknown"}, "unknown command", 2},
	} {
		s := openScreen(t, h, c.args...)
		s.wait(c.want, s.written)
		if code := s.end(); code != c.code || strings.Contains(s.written(), "\x1b") {
			t.Errorf("%v: exit code %d, output %q", c.args, code, s.written())
		}
	}
}
