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
	return subject{name: d.name, data: data, start: func() *exec.Cmd { return m.command(d.home, d.binary) }}
}

// compareScreens measures subjects and the installed programs that show a JSON text in turn, and prints the table.
// query is a text to find; empty: none.
func (m *meter) compareScreens(title string, all []subject, text []byte, data, query string) error {
	file := filepath.Join(m.dir, strconv.Itoa(len(text))+".json") // the name is on the screen too
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	for _, name := range []string{"fx", "less"} {
		if !m.found[name] {
			continue
		}
		s := subject{name: name, data: data, start: func() *exec.Cmd { return m.command(m.dir, name, file) }}
		if query != "" {
			s.find, s.found = "/"+query+"\r", query+foundRest
		}
		all = append(all, s)
	}
	var g grid
	err := m.alternate(all, func(s subject) error { return m.measureScreen(&g, s, m.keys) })
	if err == nil && query != "" && m.found["mongosh"] {
		err = m.shellOutput(&g, data)
	}
	g.print(m.out, title)
	return err
}

// shellOutput measures how long MongoDB's shell takes to print the document.
func (m *meter) shellOutput(g *grid, data string) error {
	s, err := m.mongosh(m.dossiers[0].home, data, "{"+data+": {$exists: true}}")
	if err != nil {
		return err
	}
	return m.alternate([]subject{s}, func(s subject) error { return m.measureOutput(g, s) })
}

// measureOutput starts a program that shows the data and ends.
func (m *meter) measureOutput(g *grid, s subject) error {
	t, err := m.openTerminal(s.start())
	if err != nil {
		return err
	}
	shown, err := t.see(s.data)
	if err == nil {
		g.add("start → data on the screen, ms", s.name, milliseconds(shown.Sub(t.started)))
	}
	t.drain(patience)
	return errors.Join(err, t.cmd.Wait(), t.master.Close())
}

// screens measures the screen beside other programs that show the same data or a list.
func (m *meter) screens() error {
	var all []subject
	for _, d := range m.dossiers {
		all = append(all, m.dossierScreen(d, firstField))
	}
	all = append(all, m.emptyScreen(firstField))
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
	return m.compareScreens("The screen", all, text.Bytes(), firstField, "")
}

// emptyScreen is a Bubble Tea program that draws a list and nothing else.
func (m *meter) emptyScreen(data string) subject {
	return subject{name: "empty Bubble Tea program", data: data,
		start: func() *exec.Cmd { return m.command(m.dir, filepath.Join(m.dir, "empty"), data) }}
}

// documents measures the screen with documents of several sizes, up to the largest that a deployment stores.
func (m *meter) documents() error {
	if err := m.build("dossier/bench/largedocument"); err != nil {
		return err
	}
	for _, d := range documentSizes {
		if d.bytes >= 1<<20 && !m.large {
			continue
		}
		if err := m.document(d.name, strconv.Itoa(d.bytes)); err != nil {
			return fmt.Errorf("a document of %s: %w", d.name, err)
		}
	}
	return nil
}

// documentSizes are the sizes of the documents; 0 bytes are the largest.
var documentSizes = []struct {
	name  string
	bytes int
}{{"1 kB", 1000}, {"1 MB", 1_000_000}, {"16 MB", 0}}

// foundRest follows the searched text in the value of the hit, and is not part of it.
const foundRest = " of the directory"

// document measures the screen with a document of a size.
func (m *meter) document(title, size string) error {
	generator := filepath.Join(m.dir, "largedocument")
	raw, err := m.output(m.dir, generator, "-size", size)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, raw, "", "  "); err != nil {
		return err
	}
	end := bytes.LastIndex(raw, []byte(foundRest)) // of the last record
	query := string(raw[bytes.LastIndex(raw[:end], []byte("user ")):end])
	var all []subject
	kept := m.dossiers
	defer func() { m.dossiers = kept }()
	m.dossiers = slices.Clone(kept)
	for i := range m.dossiers {
		d := &m.dossiers[i]
		d.home = filepath.Join(m.dir, "document-"+size+"-"+d.name)
		if err := m.store(*d, generator, size); err != nil {
			return err
		}
		s := m.dossierScreen(*d, largeField)
		s.find, s.found, s.leave, s.openAll = "/"+query, query+foundRest, "\x1b", "+"
		all = append(all, s)
	}
	all = append(all, m.emptyScreen(largeField))
	return m.compareScreens("A document of "+title, all, text.Bytes(), largeField, query)
}

// store stores the document in a new workspace of a dossier.
func (m *meter) store(d dossier, generator, size string) error {
	url, stop, err := m.serve(d.binary, d.home)
	if err != nil {
		return err
	}
	_, err = m.output(d.home, generator, "-size", size, "-url", url, "-user", "demo@example.com", "-password",
		"demo-password")
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	if _, err = m.output(d.home, d.binary, "whoami"); err != nil { // signs in
		return err
	}
	_, err = m.output(d.home, d.binary, "refresh")
	return err
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
	if err := findAndOpen(g, s, t); err != nil {
		return err
	}
	return t.close("q")
}

// findAndOpen measures the search up to its first hit, and the opening of all fields.
func findAndOpen(g *grid, s subject, t *terminal) error {
	if s.find != "" {
		took, err := t.answer(s.find, s.found)
		if err != nil {
			return err
		}
		g.add("find → first hit, ms", s.name, milliseconds(took))
		if s.leave != "" {
			if _, _, err := t.press(s.leave); err != nil {
				return err
			}
		}
	}
	if s.openAll != "" {
		took, _, err := t.press(s.openAll)
		if err != nil {
			return err
		}
		g.add("open all fields, ms", s.name, milliseconds(took))
	}
	return nil
}

// pressKeys presses the keys that all of the programs know: it moves the cursor down twice, up twice, and
// so on.
func pressKeys(g *grid, s subject, t *terminal, keys int) error {
	var times, bytes sample
	for n := range keys {
		took, written, err := t.press("jk"[n/2%2 : n/2%2+1])
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
