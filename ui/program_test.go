package ui_test

import (
	"context"
	"image"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/ui"
	"dossier/ui/terminal"
	"dossier/ui/uitest"
)

// program is the running screen in fake time.
type program struct {
	t    *testing.T
	p    *terminal.Program
	done chan error
	stop context.CancelFunc
}

func run(t *testing.T, backend *uitest.Backend, timeout time.Duration) *program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &program{t: t, done: make(chan error, 1), stop: stop}
	m := ui.New(ui.Config{Ctx: ctx, Accounts: backend, Drafts: backend, Service: "embedded workspace", Clock: time.Now,
		Timeout: timeout, Send: func(msg tea.Msg) { r.p.Send(msg) }})
	r.p = terminal.New(ctx, m, terminal.Options{Out: io.Discard, Now: time.Now, Size: image.Pt(112, 24),
		Filter: answerFrameRequests})
	go func() { r.done <- r.p.Run() }()
	time.Sleep(2 * time.Second)
	return r
}

// frameRequest requests the frame of the running program.
type frameRequest struct{ frame chan string }

// answerFrameRequests answers frameRequests inside the event loop.
func answerFrameRequests(m tea.Model, msg tea.Msg) tea.Msg {
	if s, ok := msg.(frameRequest); ok {
		s.frame <- ansi.Strip(m.View().Content)
		return nil
	}
	return msg
}

// frame returns the screen when all goroutines are blocked.
func (r *program) frame() string {
	synctest.Wait()
	s := frameRequest{make(chan string, 1)}
	r.p.Send(s)
	return <-s.frame
}

func (r *program) see(texts ...string) {
	r.t.Helper()
	frame := r.frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			r.t.Fatalf("%q is not in the frame\n%s", text, frame)
		}
	}
}

func (r *program) press(keys ...string) {
	for _, k := range keys {
		r.p.Send(uitest.Key(k))
	}
	time.Sleep(time.Second)
}

func (r *program) end() {
	r.press("q")
	if err := <-r.done; err != nil {
		r.t.Fatal(err)
	}
	r.stop()
	time.Sleep(time.Minute) // the last tick ends inside the synctest bubble
}

// The formula of the seeds: 30 minutes, plus the time until the next call.
func TestAnExpiredTokenInTheWholeProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend, user := uitest.Demo()
		backend.Clock = time.Now
		backend.ForgetAccounts()
		r := run(t, backend, 0)
		r.see("sign in", "not signed in")
		r.press(strings.Split("demo@example.com", "")...)
		r.press("tab")
		r.press(strings.Split("demo-password", "")...)
		r.press("enter")
		r.see("demo@example.com", "current", "favoriteColor  pink")
		backend.SetFailure(uitest.NoFailure)
		time.Sleep(20 * time.Minute)
		r.see("current", "in 10 min")
		user.ChangeField("favoriteColor", "purple")
		time.Sleep(3 * time.Second)
		r.see("stale", "favoriteColor  pink", "1 outdated")
		time.Sleep(10 * time.Minute)
		r.see("due", "The token expired", "favoriteColor  pink")
		time.Sleep(5 * time.Minute)
		r.see("expired 5 min ago")
		r.press("c")
		r.see("the application had", "a call refreshed the expired token", "less than 1 min old")
		r.press("esc")
		r.see("current", "favoriteColor  purple")
		r.end()
	})
}

func TestAnUnreachableServiceInTheWholeProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend, _ := uitest.Demo()
		backend.Clock = time.Now
		backend.ForgetAccounts()
		r := run(t, backend, 0)
		r.press(strings.Split("demo@example.com", "")...)
		r.press("tab")
		r.press(strings.Split("demo-password", "")...)
		r.press("enter")
		backend.SetFailure(uitest.Slow)
		r.press("r")
		r.see("current")
		time.Sleep(6 * time.Second) // longer than the timeout
		r.see("unknown", "service unreachable since", "favoriteColor  pink")
		backend.SetFailure(uitest.Unreachable)
		time.Sleep(5 * time.Minute)
		r.see("unknown", "next try")
		backend.SetFailure(uitest.NoFailure)
		time.Sleep(31 * time.Second)
		r.see("current", "the service answers again")
		r.end()
	})
}

// The deadline of a deletion starts with its confirmation, not with the question.
func TestTheConfirmationOfADeletionHasNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend, user := uitest.Demo()
		backend.Clock = time.Now
		r := run(t, backend, 0)
		r.press("D", "down", "down", "enter")
		r.see("This cannot be undone.")
		time.Sleep(time.Minute)
		r.press("down", "enter")
		r.see("the document is deleted")
		if user.StoredDocument() != nil {
			t.Error("the document is still there")
		}
		r.end()
	})
}

// --timeout above the default reaches the screen's requests: an answer after 10 seconds counts.
func TestALongerTimeoutAcceptsASlowResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend, _ := uitest.Demo()
		backend.Clock = time.Now
		r := run(t, backend, 20*time.Second)
		backend.SetFailure(uitest.Slow)
		r.press("r")
		time.Sleep(10 * time.Second)
		r.see("current")
		backend.Release()
		r.see("refreshed: no change")
		backend.SetFailure(uitest.Slow)
		r.press("r")
		time.Sleep(20 * time.Second)
		r.see("unknown", "service unreachable since")
		backend.Release()
		r.end()
	})
}
