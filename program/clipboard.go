package program

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// clipboardTool is a program that puts its standard input on the system's clipboard.
type clipboardTool struct {
	name     string
	args     []string
	needs    string // an environment variable without which the tool has no clipboard; empty: none
	variable string // added to its environment; may be empty
}

// clipboardTools returns the tools of desktop systems, the best first. Terminals of Windows take OSC 52.
func clipboardTools() []clipboardTool {
	return []clipboardTool{
		{name: "pbcopy", variable: "LC_ALL=en_US.UTF-8"}, // in the C locale it garbles other than ASCII
		{name: "wl-copy", needs: "WAYLAND_DISPLAY"},
		{name: "xclip", args: []string{"-in", "-selection", "clipboard"}, needs: "DISPLAY"},
		{name: "xsel", args: []string{"--input", "--clipboard"}, needs: "DISPLAY"},
		{name: "termux-clipboard-set", needs: "TERMUX_VERSION"},
	}
}

// pipeDelay limits the wait for a tool's input after its process has ended.
const pipeDelay = time.Second

// clipboard returns the function that puts text on the system's clipboard; nil when the session is remote, because the
// user sits elsewhere, or has no tool for it.
func (r *runner) clipboard() func(context.Context, string) error {
	for _, variable := range []string{"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"} {
		if r.getenv(variable) != "" {
			return nil
		}
	}
	for _, tool := range clipboardTools() {
		path, found := r.findProgram(tool.name)
		if !found || tool.needs != "" && r.getenv(tool.needs) == "" {
			continue
		}
		return func(ctx context.Context, text string) error {
			c := exec.CommandContext(ctx, path, tool.args...)
			c.Env, c.Stdin, c.WaitDelay = r.Environ, strings.NewReader(text), pipeDelay
			if tool.variable != "" {
				c.Env = append(c.Env[:len(c.Env):len(c.Env)], tool.variable)
			}
			c.SysProcAttr = ownSession()
			return c.Run()
		}
	}
	return nil
}

// findProgram returns the path of a program in the absolute directories of PATH.
func (r *runner) findProgram(name string) (path string, found bool) {
	for _, dir := range filepath.SplitList(r.getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}
