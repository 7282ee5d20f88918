package workspace_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/client"
	"dossier/backend/workspace"
)

// childDir is the environment variable with the child process's workspace directory.
const childDir = "DOSSIER_TEST_WORKSPACE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		return
	}
	var err error
	if template.dir, err = os.MkdirTemp("", "dossier-workspace-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(template.dir)
	os.Exit(code)
}

// child opens the workspace and writes increasing numbers, printing each acknowledged one, until it is killed.
func child(dir string) error {
	ctx := context.Background()
	w, err := workspace.Open(ctx, options(dir))
	if err != nil {
		return err
	}
	p, err := sdk(w).SignIn(ctx, w.DemoCredential())
	if err != nil {
		return err
	}
	fmt.Println("holds", w.HoldsLock())
	for n := 1; ; n++ {
		done, err := collection(p).UpdateOne(ctx, bson.D{{Key: "userId", Value: p.ID()}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "written", Value: n}}}}, false)
		if err != nil || done.MatchedCount != 1 {
			return fmt.Errorf("write %d: %+v, %w", n, done, err)
		}
		fmt.Println("wrote", n)
	}
}

func collection(p *client.User) client.Collection {
	return p.Database("app").Collection("custom_user_data")
}

// childProcess is the test binary in another process on the same workspace.
type childProcess struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	last  int // the last acknowledged number
}

func start(t *testing.T, dir string) *childProcess {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &childProcess{cmd: cmd, lines: bufio.NewScanner(out)}
}

func (o *childProcess) line(t *testing.T) string {
	t.Helper()
	if !o.lines.Scan() {
		t.Fatalf("the child process ended: %v", o.lines.Err())
	}
	o.note()
	return o.lines.Text()
}

func (o *childProcess) note() {
	if text, ok := strings.CutPrefix(o.lines.Text(), "wrote "); ok {
		o.last, _ = strconv.Atoi(text)
	}
}

// kill kills the process and returns the last acknowledged number.
func (o *childProcess) kill(t *testing.T) int {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for o.lines.Scan() {
		o.note()
	}
	o.cmd.Wait()
	return o.last
}

func TestKilledProcessLosesNoAcknowledgedWrite(t *testing.T) {
	dir := seeded(t)
	holder := start(t, dir)
	if got := holder.line(t); got != "holds true" {
		t.Fatal(got)
	}
	w := open(t, dir)
	p := demoUser(t, w)
	if w.HoldsLock() {
		t.Fatal("two processes have the lock")
	}
	for range 30 { // read while the other process writes
		holder.line(t)
	}
	if r, err := p.Check(t.Context()); err != nil || r.Document.Lookup("written").AsInt64() < 30 {
		t.Errorf("through the socket: %v, %s", err, r.Document.Lookup("written"))
	}
	last := holder.kill(t)
	if _, err := os.Stat(filepath.Join(dir, "dossier.sock")); err != nil {
		t.Errorf("a killed process leaves its socket: %v", err)
	}
	r, err := p.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Document.Lookup("written").AsInt64(); got < int64(last) {
		t.Errorf("%d is there, %d was acknowledged", got, last)
	}
	if !w.HoldsLock() || last < 30 {
		t.Errorf("lock %v after %d writes", w.HoldsLock(), last)
	}
	next := start(t, dir)
	if got := next.line(t); got != "holds false" {
		t.Error(got)
	}
	if got := next.line(t); got != "wrote 1" {
		t.Error(got)
	}
}
