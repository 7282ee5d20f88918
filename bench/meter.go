package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// meter runs the measurements and prints their tables. It is used by one goroutine.
type meter struct {
	options
	ctx    context.Context
	dir    string // everything that the run writes
	path   string // PATH of the measured programs
	now    func() time.Time
	random *rand.Rand
	out    io.Writer

	dossiers []dossier       // the one of the tree and, with -base, another
	signedIn time.Time       // when their tokens were issued
	found    map[string]bool // which of the other programs are installed
	atEnd    []func() error  // ends what runs besides the measurements
}

// dossier is one of the compared programs with a home directory of its own.
type dossier struct{ name, binary, home string }

// subject is a program that is measured.
type subject struct {
	name  string
	data  string // text that is on the screen or in the output as soon as the data is
	start func() *exec.Cmd

	find, found string // keys that search a text, and what is on the screen only with the hit; "": it has no search
	leave       string // key that ends the search
	openAll     string // key that opens all fields; "": it shows them opened, or cannot
}

// measure builds the programs and runs every measurement.
func (m *meter) measure() error {
	if err := m.prepare(); err != nil {
		return err
	}
	fmt.Fprintf(m.out, "%s, %s, %d processors, load %s. Medians (least–greatest) of %d alternating runs.\n\n",
		m.now().Format("2006-01-02 15:04"), runtime.GOARCH, runtime.NumCPU(), load(), m.runs)
	for _, step := range []struct {
		table string
		run   func() error
	}{
		{"commands", m.commands}, {"growth", m.growth}, {"benchmarks", m.goBenchmarks}, {"documents", m.documents},
		{"screen", m.screens},
	} {
		if step.table == "benchmarks" && !m.benchmarks || len(m.tables) > 0 && !slices.Contains(m.tables, step.table) {
			continue
		}
		err := step.run()
		for _, end := range m.atEnd {
			err = errors.Join(err, end())
		}
		if m.atEnd = nil; err != nil {
			return err
		}
	}
	fmt.Fprintf(m.out, "Load %s at the end.\n", load())
	return nil
}

// prepare builds the programs, creates the workspaces and looks for the other programs.
func (m *meter) prepare() error {
	m.dossiers = []dossier{{"dossier", filepath.Join(m.dir, "dossier"), filepath.Join(m.dir, "home")}}
	if err := errors.Join(m.build("dossier"), m.build("dossier/bench/empty")); err != nil {
		return err
	}
	if m.base != "" {
		m.dossiers = append(m.dossiers, dossier{"base", m.base, filepath.Join(m.dir, "base")})
	}
	for _, d := range m.dossiers {
		if _, err := m.output(d.home, d.binary, "whoami"); err != nil {
			return err
		}
	}
	m.signedIn = m.now()
	m.found = map[string]bool{}
	for _, name := range []string{"fx", "less", "curl", "jq", "mongosh", "strace"} {
		_, err := exec.LookPath(name)
		if m.found[name] = err == nil; err != nil {
			fmt.Fprintf(m.out, "%s is not installed and left out.\n", name)
		}
	}
	return nil
}

// build builds a program of this module as releases are built, into the directory of the run.
func (m *meter) build(pkg string) error {
	cmd := exec.CommandContext(m.ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", m.dir, pkg)
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// command returns a command that is not started, with a home directory and nothing else of the environment.
func (m *meter) command(home, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(m.ctx, name, args...)
	cmd.Env = []string{"HOME=" + home, "PATH=" + m.path, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8",
		"XDG_DATA_HOME=" + filepath.Join(home, "data"), "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_RUNTIME_DIR=" + filepath.Join(home, "run"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}
	return cmd
}

// output runs a command that must succeed, and returns its standard output.
func (m *meter) output(home, name string, args ...string) ([]byte, error) {
	cmd := m.command(home, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run %s %s: %w\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes(), nil
}

// alternate measures the subjects in turn, as often as there are runs.
func (m *meter) alternate(all []subject, measure func(subject) error) error {
	for range m.runs {
		for _, s := range all {
			if err := measure(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// load returns the machine's load average of the last minute.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
