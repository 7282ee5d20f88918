package program

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"dossier/backend/accounts"
	"dossier/model"
	"dossier/ui/port"
)

// editorDelay limits the wait for an editor to end on request.
const editorDelay = 2 * time.Second

// interruptDelay is how long after the end of an editor an interrupt is still meant for it: dossier receives one at the
// same time, and may handle it later.
const interruptDelay = 500 * time.Millisecond

// textEditor implements port.TextEditor with the user's editor.
type textEditor struct {
	r      *runner
	drafts accounts.Drafts
}

// textEditor returns the user's editor for texts beside these drafts; nil if they are not kept in files.
func (r *runner) textEditor(drafts port.Drafts) port.TextEditor {
	if files, ok := drafts.(accounts.Drafts); ok {
		return textEditor{r, files}
	}
	return nil
}

// Edit runs the editor on the newest pending input of a draft. The editor has the terminal.
func (t textEditor) Edit(ctx context.Context, accountID string, draft *model.Draft) (string, error) {
	text := ""
	if inputs := draft.PendingInputs(); len(inputs) > 0 {
		text = inputs[len(inputs)-1].Text
	}
	command, err := t.r.editorCommand()
	if err != nil {
		return text, err
	}
	path, err := t.drafts.OpenText(accountID, draft)
	if err != nil {
		return text, err
	}
	t.r.editing.Add(1)
	defer time.AfterFunc(interruptDelay, func() { t.r.editing.Add(-1) })
	c := exec.CommandContext(ctx, command[0], append(command[1:], path)...)
	c.Env, c.Stdin, c.Stdout, c.Stderr = t.r.Environ, t.r.Stdin, t.r.Stdout, t.r.Stderr
	c.WaitDelay = editorDelay
	if runtime.GOOS != "windows" {
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	}
	failed := c.Run()
	if saved, err := t.drafts.ReadText(path); err == nil {
		text = saved
	} else if failed == nil {
		return text, err
	}
	if failed != nil {
		return text, &model.Fault{Kind: model.Failed, Op: "edit with " + t.r.editorName(), Err: failed,
			Message: fmt.Sprintf("the editor ended with %s", failed)}
	}
	return text, nil
}

// Close deletes the file of the last Edit.
func (t textEditor) Close(accountID string) error { return t.drafts.CloseText(accountID) }

// editorName returns what names the user's editor: VISUAL, then EDITOR; empty: neither is set.
func (r *runner) editorName() string {
	for _, variable := range []string{"VISUAL", "EDITOR"} {
		if name := strings.TrimSpace(r.getenv(variable)); name != "" {
			return name
		}
	}
	for _, name := range []string{"vi", "nano"} {
		if _, found := r.findProgram(name); found {
			return name
		}
	}
	return ""
}

// editorCommand returns the program that edits the file named by a further argument. VISUAL and EDITOR may hold
// arguments; a shell reads them, as it does for other programs.
func (r *runner) editorCommand() ([]string, error) {
	name := r.editorName()
	switch {
	case name == "":
		return nil, &model.Fault{Kind: model.Failed, Op: "open the editor",
			Message: "neither VISUAL nor EDITOR is set, and there is no vi or nano",
			Advice:  "set EDITOR to the program that edits text, such as EDITOR=nano"}
	case runtime.GOOS == "windows":
		return strings.Fields(name), nil
	}
	return []string{"/bin/sh", "-c", name + ` "$@"`, name}, nil
}
