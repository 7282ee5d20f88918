package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/currentuser"
	"dossier/ui/document"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/request"
	"dossier/ui/state"
)

// clipboard copies text to the system's clipboard, or has the terminal do it. Its methods return a notice to show; the
// zero notice shows nothing.
type clipboard struct {
	system   func(context.Context, string) error // nil: the session has none
	terminal func(text string) tea.Cmd
	requests *request.Runner
	keys     keys.Map
}

// terminalLimit is the longest text that many terminals take by OSC 52, in bytes: 100,000 in base64.
const terminalLimit = 74_994

// limit returns the longest text that can be copied, in bytes; 0: any.
func (b clipboard) limit() int {
	if b.system == nil {
		return terminalLimit
	}
	return 0
}

// copied is text for the clipboard, and what it is.
type copied struct{ text, label string }

// copy copies text as the screen shows it: control characters stay escaped. It refuses to copy personal data while that
// is masked.
func (b clipboard) copy(c nav.Copy, masked bool) (currentuser.Notice, tea.Cmd) {
	if masked && !c.Public {
		return toastNotice(b.keys.Expand(document.MaskedCopy), currentuser.Plain), nil
	}
	if b.system == nil {
		return b.send(copied{c.Text, c.Label})
	}
	return currentuser.Notice{}, request.Start(b.requests, func(ctx context.Context) (copied, error) {
		t := copied{model.Clean(c.Text), c.Label} // the text may have several MB
		return t, b.system(ctx, t.text)
	})
}

// finish says that the system's clipboard took the text, or sends the text to the terminal.
func (b clipboard) finish(r request.Response[copied]) (currentuser.Notice, tea.Cmd) {
	switch {
	case !request.Accept(b.requests, r):
		return currentuser.Notice{}, nil
	case r.Err != nil:
		return b.send(r.Value)
	default:
		return toastNotice("copied "+r.Value.label, currentuser.Good), nav.Send(nav.Copied{Text: r.Value.text})
	}
}

// send sends text to the terminal, which may ignore it. It refuses a text that most terminals drop.
func (b clipboard) send(t copied) (currentuser.Notice, tea.Cmd) {
	if len(t.text) > terminalLimit {
		return toastNotice("not copied: "+t.label+" has "+model.ByteSize(len(t.text))+", terminals take about "+
			model.ByteSize(terminalLimit)+" (OSC 52); "+
			b.keys.Expand("{document.copy-as}, then {copy-as.write-file} writes it to a file"), currentuser.Warn), nil
	}
	return toastNotice("sent to the terminal: "+t.label, currentuser.Plain), b.terminal(model.Clean(t.text))
}

// toastNotice returns a notice that is not added to the activity.
func toastNotice(text string, tone currentuser.Tone) currentuser.Notice {
	return currentuser.Notice{Text: state.Public(text), Toast: tone}
}
