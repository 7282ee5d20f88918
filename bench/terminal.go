package main

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

const (
	columns, lines = 120, 36
	frameGap       = 5 * time.Millisecond  // output that pauses for longer belongs to the next frame
	quietTime      = 60 * time.Millisecond // after it the program has drawn everything
	jitter         = 50 * time.Millisecond // at most, before a key, so that the keys meet every phase of a ticker
	patience       = 30 * time.Second      // for text on the screen
)

// output is what one read returned. Its time is that of the return of the read.
type output struct {
	data []byte
	at   time.Time
}

// terminal is a program in a pseudo-terminal. A goroutine only reads and takes the times; the emulator works later,
// when the caller waits. It is used by one goroutine.
type terminal struct {
	cmd      *exec.Cmd
	now      func() time.Time
	random   *rand.Rand
	started  time.Time
	master   *os.File
	outputs  chan output // closed at the end of the program's output
	emulator *vt.Emulator
}

// openTerminal starts a program in a terminal of its own.
func (m *meter) openTerminal(cmd *exec.Cmd) (*terminal, error) {
	t := &terminal{cmd: cmd, now: m.now, random: m.random, outputs: make(chan output, 1<<14),
		emulator: vt.NewEmulator(columns, lines)}
	// The emulator answers what current terminals answer: colours, and that it knows synchronised output.
	t.emulator.SetForegroundColor(color.White)
	t.emulator.SetBackgroundColor(color.Black)
	_, _ = t.emulator.Write([]byte(ansi.ResetModeSynchronizedOutput))
	t.started = t.now()
	var err error
	if t.master, err = pty.StartWithSize(cmd, &pty.Winsize{Rows: lines, Cols: columns}); err != nil {
		return nil, fmt.Errorf("start %s in a terminal: %w", cmd.Path, err)
	}
	go t.read()
	go func() { _, _ = io.Copy(t.master, t.emulator) }() // the replies to the program's terminal queries
	return t, nil
}

func (t *terminal) read() {
	defer close(t.outputs)
	chunk := make([]byte, 64<<10)
	for {
		n, err := t.master.Read(chunk)
		at := t.now()
		if n > 0 {
			t.outputs <- output{append([]byte(nil), chunk[:n]...), at}
		}
		if err != nil {
			return
		}
	}
}

// next waits for output and shows it in the emulator. It returns false after the timeout and at the end of the output.
func (t *terminal) next(timeout time.Duration) (output, bool) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case o, open := <-t.outputs:
		if open {
			_, _ = t.emulator.Write(o.data)
		}
		return o, open
	case <-timer.C:
		return output{}, false
	}
}

// see waits for a text on the screen and returns the time of the read that completed it.
func (t *terminal) see(text string) (time.Time, error) {
	for {
		o, ok := t.next(patience)
		if !ok {
			return time.Time{}, fmt.Errorf("%s did not show %q; the screen:\n%s", t.cmd.Path, text, t.emulator)
		}
		if strings.Contains(t.emulator.String(), text) {
			return o.at, nil
		}
	}
}

// drain waits until the program has been quiet for the given time. It returns the time of the last output before that,
// the zero time without output, and the number of bytes.
func (t *terminal) drain(quiet time.Duration) (last time.Time, bytes int) {
	for {
		o, ok := t.next(quiet)
		if !ok {
			return last, bytes
		}
		last, bytes = o.at, bytes+len(o.data)
	}
}

// press writes a key, and returns the time until its frame is complete and the bytes until the program is quiet.
func (t *terminal) press(key string) (time.Duration, int, error) {
	time.Sleep(time.Duration(t.random.Int64N(int64(jitter))))
	t.drain(time.Millisecond)
	pressed := t.now()
	if _, err := io.WriteString(t.master, key); err != nil {
		return 0, 0, err
	}
	o, ok := t.next(patience)
	if !ok {
		return 0, 0, fmt.Errorf("%s drew nothing after the key %q; the screen:\n%s", t.cmd.Path, key, t.emulator)
	}
	complete, rest := t.drain(frameGap)
	if rest == 0 {
		complete = o.at
	}
	_, later := t.drain(quietTime)
	return complete.Sub(pressed), len(o.data) + rest + later, nil
}

// answer writes keys and returns the time until a text is on the screen.
func (t *terminal) answer(keys, text string) (time.Duration, error) {
	t.drain(quietTime)
	pressed := t.now()
	if _, err := io.WriteString(t.master, keys); err != nil {
		return 0, err
	}
	shown, err := t.see(text)
	t.drain(quietTime)
	return shown.Sub(pressed), err
}

// close ends the program and waits for it.
func (t *terminal) close(quit string) error {
	_, err := io.WriteString(t.master, quit)
	kill := time.AfterFunc(5*time.Second, func() { _ = t.cmd.Process.Kill() })
	for more := true; more; {
		_, more = <-t.outputs
	}
	exit := t.cmd.Wait()
	if !kill.Stop() {
		exit = fmt.Errorf("%s did not end after the key %q", t.cmd.Path, quit)
	}
	return errors.Join(err, exit, t.master.Close())
}
