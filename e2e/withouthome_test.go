//go:build unix

package e2e_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Without HOME the home directory of the account is used; an account without one is refused.
func TestWithoutHome(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can run a process as an account without a home directory")
	}
	cmd := exec.Command(built(t), "whoami")
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
	if err := os.Chmod(buildDir, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "set HOME") {
		t.Errorf("%v: %s", err, out)
	}
}
