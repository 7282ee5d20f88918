package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	firstField = "favoriteColor" // of the sample user, and in the list of the empty program
	largeField = "record000000"  // of the large document
)

func (m *meter) dossierScreen(d dossier, data string) subject {
	return subject{d.name, data, func() *exec.Cmd { return m.command(d.home, d.binary) }}
}

// compareScreens measures subjects and the installed programs that show a JSON text in turn, and prints the table.
func (m *meter) compareScreens(title string, all []subject, text []byte, data string) error {
	file := filepath.Join(m.dir, strconv.Itoa(len(text))+".json") // the name is on the screen too
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	for _, name := range []string{"fx", "less"} {
		if m.found[name] {
			all = append(all, subject{name, data, func() *exec.Cmd { return m.command(m.dir, name, file) }})
		}
	}
	var g grid
	err := m.alternate(all, func(s subject) error { return m.measureScreen(&g, s, m.keys) })
	g.print(m.out, title)
	return err
}

// screens measures the screen beside other programs that show the same data or a list.
func (m *meter) screens() error {
	var all []subject
	for _, d := range m.dossiers {
		all = append(all, m.dossierScreen(d, firstField))
	}
	all = append(all, subject{"empty Bubble Tea program", firstField,
		func() *exec.Cmd { return m.command(m.dir, filepath.Join(m.dir, "empty")) }})
	out, err := m.output(m.dossiers[0].home, m.dossiers[0].binary, "whoami", "--json")
	if err != nil {
		return err
	}
	var user map[string]json.RawMessage
	var text bytes.Buffer
	if err := errors.Join(json.Unmarshal(out, &user), json.Indent(&text, user["custom_data"], "", "  ")); err != nil {
		return err
	}
	time.Sleep(m.signedIn.Add(m.age).Sub(m.now()))
	return m.compareScreens("The screen", all, text.Bytes(), firstField)
}

// largeDocument measures the screen with the largest document that a deployment stores.
func (m *meter) largeDocument() error {
	if err := m.build("dossier/bench/largedocument"); err != nil {
		return err
	}
	generator := filepath.Join(m.dir, "largedocument")
	text, err := m.output(m.dir, generator)
	if err != nil {
		return err
	}
	var all []subject
	for _, d := range m.dossiers {
		d.home = filepath.Join(m.dir, "large-"+d.name)
		url, stop, err := m.serve(d.binary, d.home)
		if err != nil {
			return err
		}
		_, err = m.output(d.home, generator, "-url", url, "-user", "demo@example.com", "-password", "demo-password")
		if err := errors.Join(err, stop()); err != nil {
			return err
		}
		if _, err := m.output(d.home, d.binary, "refresh"); err != nil {
			return err
		}
		all = append(all, m.dossierScreen(d, largeField))
	}
	return m.compareScreens("A document of 16 MB", all, text, largeField)
}

// growth measures first screen and whoami in workspaces of several sizes, the largest first.
func (m *meter) growth() error {
	for _, d := range m.dossiers {
		var g grid
		var screens, commands []subject
		for _, n := range slices.Backward(slices.Sorted(slices.Values(m.users))) {
			home := filepath.Join(m.workspaces, d.name, strconv.Itoa(n))
			if err := m.populate(d, home, n); err != nil {
				return err
			}
			s := m.dossierScreen(dossier{d.name, d.binary, home}, firstField)
			s.name = strconv.Itoa(n) + " users"
			screens = append(screens, s)
			s.start = func() *exec.Cmd { return m.command(home, d.binary, "whoami") }
			commands = append(commands, s)
		}
		err := m.alternate(screens, func(s subject) error { return m.measureScreen(&g, s, 0) })
		if err == nil {
			err = m.alternate(commands, func(s subject) error { return m.measureCommand(&g, s) })
		}
		if err != nil {
			return err
		}
		g.print(m.out, "Growth of the workspace, "+d.name)
	}
	return nil
}

// populate creates a workspace with about n users, unless an earlier run kept it.
func (m *meter) populate(d dossier, home string, n int) error {
	if _, err := os.Stat(workspaceFile(home)); err == nil {
		return nil
	}
	if err := m.build("dossier/bench/users"); err != nil {
		return err
	}
	began := m.now()
	generator := filepath.Join(m.dir, "users")
	if _, err := m.output(home, generator, "-n", strconv.Itoa(n), filepath.Dir(workspaceFile(home))); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "bench: created %d users in %s\n", n, m.now().Sub(began).Round(time.Second))
	_, err := m.output(home, d.binary, "whoami") // signs in
	return err
}

// workspaceFile returns the file of the embedded workspace of a home directory.
func workspaceFile(home string) string { return filepath.Join(home, "data", "dossier", "workspace.db") }

// measureScreen starts a program, presses keys, leaves it alone for the idle time, and ends it. Without keys it
// measures the start and the memory only.
func (m *meter) measureScreen(g *grid, s subject, keys int) error {
	t, err := m.openTerminal(s.start())
	if err != nil {
		return err
	}
	shown, err := t.see(s.data)
	if err != nil {
		return err
	}
	g.add("start → data on the screen, ms", s.name, milliseconds(shown.Sub(t.started)))
	last, rest := t.drain(4 * quietTime)
	if rest == 0 {
		last = shown
	}
	g.add("start → first pause, ms", s.name, milliseconds(last.Sub(t.started)))
	if keys > 0 {
		if err := pressKeys(g, s, t, keys); err != nil {
			return err
		}
	}
	before, began := activityOf(t.cmd.Process.Pid), m.now()
	time.Sleep(m.idle)
	after, seconds := activityOf(t.cmd.Process.Pid), m.now().Sub(began).Seconds()
	if keys > 0 {
		g.add("idle: wake-ups a second", s.name, float64(after.wakeUps-before.wakeUps)/seconds)
		g.add("idle: processor time a second, ms", s.name, milliseconds(after.cpu-before.cpu)/seconds)
	}
	g.add("memory at rest, MB", s.name, float64(after.memory)/1024)
	g.add("memory at most, MB", s.name, float64(after.peak)/1024)
	return t.close("q")
}

// pressKeys presses the keys that all of the programs know: it moves the cursor down eight times, up eight times, and
// so on.
func pressKeys(g *grid, s subject, t *terminal, keys int) error {
	var times, bytes sample
	for n := range keys {
		took, written, err := t.press("jk"[n/8%2 : n/8%2+1])
		if err != nil {
			return err
		}
		times, bytes = append(times, milliseconds(took)), append(bytes, float64(written))
	}
	g.add("key → frame, ms", s.name, times.median())
	g.add("key → frame, slowest of a run, ms", s.name, slices.Max(times))
	g.add("bytes a key", s.name, bytes.median())
	return nil
}
