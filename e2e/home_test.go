package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dossier/backend/auth"
	"dossier/program"
	"dossier/ui/cli"
)

// home is one user's machine: its own directories and environment, nothing of the tester's.
type home struct {
	t   *testing.T
	dir string
	env []string // for processes
}

// newHome returns a machine on which dossier has never run.
func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	h := &home{t: t, dir: dir, env: []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "TZ=UTC", "DOSSIER_NO_TIPS=true",
		"XDG_DATA_HOME=" + filepath.Join(dir, "data"), "XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), "XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
	}}
	if coverDir() != "" {
		h.env = append(h.env, "GOCOVERDIR="+coverDir())
	}
	return h
}

// template returns the file of an embedded workspace after its first use. All tests share it.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp(buildDir, "template-")
	if err != nil {
		return nil, err
	}
	var errs bytes.Buffer
	code := program.Run(context.Background(), dependencies(dir, nil, strings.NewReader(""), io.Discard, &errs),
		[]string{"accounts"})
	if code != 0 {
		return nil, errors.New("creating the template of a workspace: " + errs.String())
	}
	return os.ReadFile(workspaceFile(dir))
})

func workspaceFile(home string) string { return filepath.Join(home, "data", "dossier", "workspace.db") }

// newUsedHome returns a machine with an embedded workspace, a copy of the template.
func newUsedHome(t *testing.T) *home {
	t.Helper()
	content, err := template()
	if err != nil {
		t.Fatal(err)
	}
	h := newHome(t)
	file := workspaceFile(h.dir)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// dependencies returns what the program runs with in this process: passwords are hashed at the lowest cost.
func dependencies(home string, env []string, stdin io.Reader, stdout, stderr io.Writer) program.Dependencies {
	return program.Dependencies{
		Now: time.Now, Environ: env,
		DataDir:   filepath.Join(home, "data", "dossier"),
		StateDir:  filepath.Join(home, "state", "dossier"),
		ConfigDir: filepath.Join(home, "config", "dossier"),
		Stdin:     stdin, Stdout: stdout, Stderr: stderr,
		HashCost: auth.TestCost(), Version: cli.Version{Version: "1.2.3", Commit: "0123456789abcdef",
			Date: "2026-11-28T10:00:00Z"},
	}
}

// result is how one command ended.
type result struct {
	out, err string
	code     int
}

// run runs a command in this process with a text as standard input.
func (h *home) run(stdin string, args ...string) result {
	h.t.Helper()
	var out, errs bytes.Buffer
	code := program.Run(h.t.Context(), dependencies(h.dir, h.env, strings.NewReader(stdin), &out, &errs), args)
	return result{out.String(), errs.String(), code}
}

// ok runs a command in this process that must succeed, and returns its standard output.
func (h *home) ok(args ...string) string {
	h.t.Helper()
	r := h.run("", args...)
	if r.code != 0 {
		h.t.Fatalf("dossier %v: exit code %d\n%s%s", args, r.code, r.out, r.err)
	}
	return r.out
}

// command returns a command of the built program that is not started.
func (h *home) command(args ...string) *exec.Cmd {
	h.t.Helper()
	cmd := exec.Command(built(h.t), args...)
	cmd.Env = h.env
	cmd.Dir = h.dir
	return cmd
}

// exec runs a command as a process.
func (h *home) exec(stdin string, args ...string) result {
	h.t.Helper()
	cmd := h.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatalf("dossier %v: %v", args, err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// write replaces a file.
func (h *home) write(dir, name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// application writes an application directory with the given id and a function that waits for a URL.
func (h *home) application(id string) string {
	h.t.Helper()
	dir := filepath.Join(h.dir, id)
	h.ok("init", dir)
	change := func(name string, change func(string) string) {
		old, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			h.t.Fatal(err)
		}
		h.write(dir, name, change(string(old)))
	}
	change("realm_config.json", func(old string) string { return strings.ReplaceAll(old, "dossier-demo", id) })
	change("functions/config.json", func(old string) string {
		return strings.Replace(old, "[", `[{"name":"slow","private":false},`, 1)
	})
	h.write(dir, "functions/slow.js", `exports = async url => { await context.http.get({ url }); return "done" }`)
	return dir
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
