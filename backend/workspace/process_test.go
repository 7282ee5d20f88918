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

// childDir names the directory that the test binary works on when it is started as another process.
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

// child opens the workspace and writes one number after the other, printing each once it is acknowledged, until it is killed.
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
		done, err := collection(p).UpdateOne(ctx, bson.D{{Key: "userId", Value: p.ID()}}, bson.D{{Key: "$set", Value: bson.D{{Key: "written", Value: n}}}}, false)
		if err != nil || done.MatchedCount != 1 {
			return fmt.Errorf("write %d: %+v, %w", n, done, err)
		}
		fmt.Println("wrote", n)
	}
}

func collection(p *client.User) client.Collection {
	return p.Database("app").Collection("custom_user_data")
}

// other is the test binary as another process on the same workspace.
type other struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	last  int // the last number it saw acknowledged
}

func start(t *testing.T, dir string) *other {
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
	return &other{cmd: cmd, lines: bufio.NewScanner(out)}
}

func (o *other) line(t *testing.T) string {
	t.Helper()
	if !o.lines.Scan() {
		t.Fatalf("the other process ended: %v", o.lines.Err())
	}
	o.note()
	return o.lines.Text()
}

func (o *other) note() {
	if text, ok := strings.CutPrefix(o.lines.Text(), "wrote "); ok {
		o.last, _ = strconv.Atoi(text)
	}
}

// kill ends the process as kill -9 does and returns the last number it saw acknowledged.
func (o *other) kill(t *testing.T) int {
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

func TestKilledHolderLosesNothingAcknowledged(t *testing.T) {
	dir := made(t)
	holder := start(t, dir)
	if got := holder.line(t); got != "holds true" {
		t.Fatal(got)
	}
	w := open(t, dir)
	p := demoUser(t, w)
	if w.HoldsLock() {
		t.Fatal("two processes hold the file")
	}
	for range 30 { // work beside the holder while it writes
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
		t.Errorf("holds %v after %d writes", w.HoldsLock(), last)
	}
	next := start(t, dir)
	if got := next.line(t); got != "holds false" {
		t.Error(got)
	}
	if got := next.line(t); got != "wrote 1" {
		t.Error(got)
	}
}
