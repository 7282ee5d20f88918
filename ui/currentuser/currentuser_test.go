package currentuser_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/currentuser"
	"dossier/ui/nav"
	"dossier/ui/port"
	"dossier/ui/request"
)

var (
	errUnreachable = &model.Fault{Kind: model.Unreachable, Op: "call", Message: "no answer"}
	errSignedOut   = &model.Fault{Kind: model.SignedOut, Op: "call", Message: "the session has ended"}
	errDenied      = &model.Fault{Kind: model.PermissionDenied, Op: "call", Message: "no rule allows it"}
	errUnsupported = &model.Fault{Kind: model.Failed, Op: "watch", Message: "change streams are not supported"}
)

// fakeUser is a user whose token and document the test sets. Its calls fail with err.
type fakeUser struct {
	port.User
	t   *testing.T
	id  string
	mu  sync.Mutex
	err error // of every call but Watch

	session  model.Session
	profile  model.User
	document bson.Raw
	noticed  []time.Time // Session.StaleSince after each comparison
	tooLarge bool        // the document does not fit into a token
	calls    []string
	outcome  model.WriteResult // of DeleteDocument

	afterDelete error // of every call after DeleteDocument

	watchErr error // ends a stream at once; nil: it stays open
	send     func(model.ChangeEvent)
	endWatch chan error
}

func doc(color string) bson.Raw {
	raw, err := bson.Marshal(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: "u"}, {Key: "color", Value: color}})
	if err != nil {
		panic(err)
	}
	return raw
}

func newUser(t *testing.T, id string) *fakeUser {
	u := &fakeUser{t: t, id: id, document: doc("pink"), endWatch: make(chan error)}
	u.profile = model.User{ID: id, App: model.AppInfo{CustomData: model.CustomDataConfig{
		Enabled: true, Database: "app", Collection: "data", UserIDField: "userId",
	}}}
	u.session = model.Session{UserID: id, SignedIn: true}
	u.issueToken()
	return u
}

// issueToken takes a new snapshot, as every refresh does.
func (u *fakeUser) issueToken() {
	u.session.Comparison = model.Comparison{}
	u.session.Snapshot = model.Snapshot{
		CustomData: u.document, IssuedAt: time.Now(), ExpiresAt: time.Now().Add(30 * time.Minute),
	}
	if u.tooLarge {
		u.session.Snapshot.CustomData, u.session.Snapshot.TooLarge = nil, true
	}
}

func (u *fakeUser) refreshToken() {
	previous := u.session.Snapshot
	u.session.Previous = &previous
	u.session.Refreshes++
	u.issueToken()
}

// call is the start of every call but Watch: an expired token is refreshed.
func (u *fakeUser) call(name string) error {
	u.calls = append(u.calls, name)
	if u.err != nil {
		return u.err
	}
	if name != "ping" && name != "refresh" && !time.Now().Before(u.session.Snapshot.ExpiresAt) {
		u.refreshToken()
	}
	return nil
}

func (u *fakeUser) Account() model.Account    { return model.Account{ID: "app/" + u.id, UserID: u.id} }
func (u *fakeUser) CachedProfile() model.User { return u.profile }
func (u *fakeUser) Session() model.Session    { u.mu.Lock(); defer u.mu.Unlock(); return u.session }
func (u *fakeUser) Ping(context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.call("ping")
}
func (u *fakeUser) setError(err error) { u.mu.Lock(); defer u.mu.Unlock(); u.err = err }
func (u *fakeUser) emit(operation string, d bson.Raw) {
	e := model.ChangeEvent{Operation: operation, Document: d}
	u.mu.Lock()
	if d != nil || operation == "delete" {
		u.compare(d)
		e.At, e.Refreshes = time.Now(), u.session.Refreshes
	}
	u.mu.Unlock()
	u.send(e)
}

// compare records a comparison of the snapshot with a document, as every check and change event does.
func (u *fakeUser) compare(d bson.Raw) {
	if !u.session.Snapshot.TooLarge {
		u.session.Record(len(model.DiffSnapshot(u.session.Snapshot.CustomData, d)) > 0, time.Now(), time.Time{})
		u.noticed = append(u.noticed, u.session.StaleSince)
	}
}

func (u *fakeUser) Profile(context.Context) (model.User, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.profile, u.call("profile")
}

func (u *fakeUser) Refresh(context.Context) (model.Session, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.call("refresh")
	if err == nil {
		u.refreshToken()
	}
	return u.session, err
}

func (u *fakeUser) Check(context.Context) (model.CheckResult, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.call("check"); err != nil {
		return model.CheckResult{}, err
	}
	u.compare(u.document)
	return model.CheckResult{Document: u.document, CheckedAt: time.Now(), Refreshes: u.session.Refreshes}, nil
}

func (u *fakeUser) DeleteDocument(context.Context, model.CheckResult) (model.WriteResult, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.call("delete"); err != nil {
		return model.WriteResult{}, err
	}
	if !u.outcome.Conflict {
		u.document = nil
	}
	u.err = u.afterDelete
	return u.outcome, nil
}

func (u *fakeUser) Watch(ctx context.Context, send func(model.ChangeEvent)) error {
	u.mu.Lock()
	u.calls = append(u.calls, "watch")
	err := u.watchErr
	u.send = send
	u.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-u.endWatch:
		return err
	}
}

// takeCalls returns the calls since the last time, sorted.
func (u *fakeUser) takeCalls() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	slices.Sort(u.calls)
	calls := strings.Join(u.calls, " ")
	u.calls = nil
	return calls
}

// fakeAccounts has at most one account. It keeps one draft.
type fakeAccounts struct {
	port.Accounts
	port.Drafts
	current *fakeUser
	draft   *model.Draft
	// of TakeOver
	draftError error
}

func (a *fakeAccounts) Current() (port.User, bool)            { return a.current, a.current != nil }
func (a *fakeAccounts) List() []model.Account                 { return nil }
func (a *fakeAccounts) TakeOver(string) (*model.Draft, error) { return a.draft, a.draftError }

// harness runs a machine and its commands in fake time.
type harness struct {
	*currentuser.Machine
	t        *testing.T
	accounts *fakeAccounts
	user     *fakeUser
	saves    fakeSaves

	mu      sync.Mutex
	arrived []tea.Msg

	notices []string // shown since the last time, with their places
	ended   bool     // the service ended the session
	account currentuser.AccountChange
	confirm *model.CheckResult
}

// test runs a test in fake time with a machine that is not open yet.
func test(t *testing.T, name string, run func(*harness)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			h := &harness{t: t, user: newUser(t, "u")}
			h.accounts = &fakeAccounts{current: h.user}
			h.Machine = currentuser.New(currentuser.Config{
				Ctx: ctx, Accounts: h.accounts, Drafts: h.accounts, Saves: &h.saves, Now: time.Now(),
			})
			run(h)
			cancel()
			synctest.Wait()
		})
	})
}

// apply takes the effects of a transition and of all that follow without time passing.
func (h *harness) apply(e currentuser.Effects) *harness {
	h.take(e)
	for {
		synctest.Wait()
		h.mu.Lock()
		messages := h.arrived
		h.arrived = nil
		h.mu.Unlock()
		if len(messages) == 0 {
			return h
		}
		for _, msg := range messages {
			switch msg := msg.(type) {
			case request.AnyResponse:
				if msg.Pending() {
					h.take(h.Response(msg))
				} else {
					h.take(h.Dropped())
				}
			case currentuser.Message:
				h.take(h.Update(msg))
			case tea.BatchMsg:
				for _, cmd := range msg {
					h.run(cmd)
				}
			}
		}
	}
}

func (h *harness) take(e currentuser.Effects) {
	if e.State != nil && e.State != h.State() {
		h.t.Error("the effects hold another state than the machine")
	}
	for _, n := range e.Notices {
		place := ""
		if n.Toast != currentuser.Hidden {
			place += "T"
		}
		if n.Entry != currentuser.Hidden {
			place += "E"
		}
		text := place + " " + n.Text.Text
		for _, c := range n.Changes {
			text += fmt.Sprintf(" [%s]", c.Path)
		}
		h.notices = append(h.notices, text)
	}
	h.ended = h.ended || e.SessionEnded
	if e.Account != currentuser.Unchanged {
		h.account = e.Account
	}
	if e.ConfirmDelete != nil {
		h.confirm = e.ConfirmDelete
	}
	h.run(e.Cmd)
}

func (h *harness) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.arrived = append(h.arrived, msg)
	}()
}

// wait lets time pass, with a tick every second.
func (h *harness) wait(d time.Duration) *harness {
	for range int(d / time.Second) {
		time.Sleep(time.Second)
		h.apply(h.Tick(time.Now()))
	}
	return h
}

// open opens the account and forgets the calls and notices of that.
func (h *harness) open() *harness {
	h.apply(h.Open())
	h.user.takeCalls()
	h.notices = nil
	return h
}

func (h *harness) change(color string) {
	h.user.mu.Lock()
	defer h.user.mu.Unlock()
	h.user.document = doc(color)
}

// want fails the test unless the calls, the notices and the staleness are as listed.
func (h *harness) want(what, calls string, staleness model.State, notices ...string) {
	h.t.Helper()
	if got := h.user.takeCalls(); got != calls {
		h.t.Errorf("%s: calls %q, want %q", what, got, calls)
	}
	if !slices.Equal(h.notices, notices) {
		h.t.Errorf("%s: notices %q, want %q", what, h.notices, notices)
	}
	h.notices = nil
	if got := h.State().StalenessState(time.Now()); got != staleness {
		h.t.Errorf("%s: %s, want %s", what, got, staleness)
	}
	if h.State().Loading {
		h.t.Errorf("%s: the state is still loading", what)
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name      string
		prepare   func(*harness)
		calls     string
		staleness model.State
		account   currentuser.AccountChange
		ended     bool
	}{
		{name: "valid token", calls: "check profile watch", staleness: model.Current, account: currentuser.Switched},
		{name: "expired token", prepare: func(h *harness) { h.wait(31 * time.Minute) },
			calls: "ping", staleness: model.Due, account: currentuser.Switched},
		{name: "ended session", prepare: func(h *harness) { h.user.session.SignedIn = false },
			staleness: model.Unchecked, account: currentuser.Switched, ended: true},
		{name: "no account", prepare: func(h *harness) { h.accounts.current = nil },
			staleness: model.Unchecked, account: currentuser.NoneSignedIn},
	} {
		test(t, c.name, func(h *harness) {
			if c.prepare != nil {
				c.prepare(h)
			}
			h.apply(h.Open())
			h.want("open", c.calls, c.staleness)
			if h.account != c.account || h.ended != c.ended || h.State().HasUser == (c.account == currentuser.NoneSignedIn) {
				h.t.Errorf("account change %v, session ended %v, user %v", h.account, h.ended, h.State().HasUser)
			}
		})
	}
}

// TestUntilTheFirstAnswer: all is as stored until the service has answered the first check, or is known to be
// unreachable.
func TestUntilTheFirstAnswer(t *testing.T) {
	for _, err := range []error{nil, errDenied, errUnreachable} {
		test(t, fmt.Sprint(err), func(h *harness) {
			h.user.setError(err)
			e := h.Open()
			if e.State == nil || !e.State.Opening {
				h.t.Error("before the first answer the stored comparison is not shown as old")
			}
			if h.apply(e); h.State().Opening {
				h.t.Error("after the answer, the state is still shown as stored")
			}
		})
	}
}

// Until the service is open only requests of the user start; then those of opening an account do.
func TestOpened(t *testing.T) {
	for _, c := range []struct {
		name      string
		prepare   func(*harness)
		err       error
		calls     string
		staleness model.State
		notices   []string
	}{
		{name: "valid token", calls: "check profile watch", staleness: model.Current},
		{name: "expired token", prepare: func(h *harness) { h.wait(31 * time.Minute) }, calls: "ping",
			staleness: model.Due},
		{name: "ended session", prepare: func(h *harness) { h.user.session.SignedIn = false }, staleness: model.Unchecked},
		{name: "unreachable", err: errUnreachable, staleness: model.Unknown, notices: []string{"E call: no answer"}},
		{name: "after a request that was not answered",
			prepare: func(h *harness) {
				h.user.setError(errUnreachable)
				h.apply(h.Check())
				h.want("check", "check", model.Unchecked)
				h.user.setError(nil)
			},
			calls: "check profile watch", staleness: model.Current},
		{name: "after a refresh",
			prepare: func(h *harness) { h.apply(h.Refresh()); h.user.takeCalls(); h.notices = nil },
			calls:   "check profile", staleness: model.Current},
	} {
		test(t, c.name, func(h *harness) {
			_, ctx := h.User()
			h.Machine = currentuser.New(currentuser.Config{
				Ctx: ctx, Accounts: h.accounts, Drafts: h.accounts, Now: time.Now(), Opening: true,
			})
			h.apply(h.Open())
			h.want("open", "", model.Unchecked)
			if !h.State().Opening || !h.State().HasUser {
				h.t.Errorf("before the service is open: %+v", h.State())
			}
			if c.prepare != nil {
				c.prepare(h)
			}
			h.apply(h.Opened(c.err))
			h.want("opened", c.calls, c.staleness, c.notices...)
			if h.State().Opening || h.ended == h.user.session.SignedIn {
				h.t.Errorf("opening %v, session ended %v", h.State().Opening, h.ended)
			}
			if c.err == nil {
				return
			}
			h.wait(2*time.Second).want("answered", "check ping watch", model.Current, "TE the service answers again")
		})
	}
}

func TestOpenAgain(t *testing.T) {
	test(t, "the same account", func(h *harness) {
		h.open()
		_, before := h.User()
		h.apply(h.Open())
		if h.account != currentuser.Reopened || before.Err() != nil {
			h.t.Errorf("account change %v, context: %v", h.account, before.Err())
		}
	})
	test(t, "another account", func(h *harness) {
		h.open()
		h.apply(h.Saved(nav.Saved{Draft: model.NewDraft(nil, model.Owner{}), Outcome: model.WriteResult{Saved: true}}))
		_, before := h.User()
		h.accounts.current = newUser(h.t, "v")
		h.apply(h.Open())
		if len(h.Saves()) > 0 || h.account != currentuser.Switched || before.Err() == nil {
			h.t.Errorf("account change %v, context: %v, saves: %v", h.account, before.Err(), h.Saves())
		}
		if id := h.State().Account.UserID; id != "v" {
			h.t.Errorf("the state shows user %q", id)
		}
	})
}

// TestSigningInAgainWatchesTheNewSession: the stream of the session before would compare with its own snapshot.
func TestSigningInAgainWatchesTheNewSession(t *testing.T) {
	test(t, "signed in", func(h *harness) {
		h.open()
		h.apply(h.Refresh())
		h.user = newUser(t, "u")
		h.accounts.current = h.user
		h.apply(h.Open())
		if h.user.send == nil || !h.State().Watching {
			h.t.Fatal("the new session is not watched")
		}
		h.user.emit("update", doc("red"))
		if h.wait(time.Second); h.State().StalenessState(time.Now()) != model.Stale || len(h.State().Outdated) != 1 {
			h.t.Errorf("after a change: %+v", h.State().Staleness)
		}
	})
}

func TestOneRequestPerRunner(t *testing.T) {
	test(t, "", func(h *harness) {
		h.open()
		e := h.Refresh()
		if !e.State.Loading {
			h.t.Error("the state does not show the refresh under way")
		}
		h.take(e)
		h.apply(h.Refresh())
		if h.State().Session.Refreshes == 0 || h.State().Loading {
			h.t.Errorf("after two requests: %+v", h.State().Session)
		}
	})
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name      string
		err       error
		change    bool
		staleness model.State
		notices   []string
		fault     model.FaultKind
		ended     bool
	}{
		{name: "no difference", staleness: model.Current},
		{name: "difference", change: true, staleness: model.Stale},
		{name: "denied", err: errDenied, staleness: model.Current, notices: []string{"TE call: no rule allows it"},
			fault: model.PermissionDenied},
		{name: "session ended", err: errSignedOut, staleness: model.Current, fault: model.SignedOut, ended: true},
		{name: "unreachable", err: errUnreachable, staleness: model.Unknown, notices: []string{"E call: no answer"},
			fault: model.Unreachable},
		{name: "deadline", err: context.DeadlineExceeded, staleness: model.Unknown, fault: model.Unreachable,
			notices: []string{"E cannot reach the service: no answer in time; try again, or check the service"}},
		{name: "any other error", err: errors.New("broken"), staleness: model.Current, fault: model.Failed,
			notices: []string{"TE cannot check the database: broken"}},
	} {
		test(t, c.name, func(h *harness) {
			h.open()
			h.user.setError(c.err)
			if c.change {
				h.change("purple")
			}
			h.apply(h.Check())
			h.want("check", "check", c.staleness, c.notices...)
			if kind := model.FaultKind(""); h.State().Fault != nil || c.fault != kind {
				if h.State().Fault == nil || h.State().Fault.Kind != c.fault {
					h.t.Errorf("fault %v, want kind %q", h.State().Fault, c.fault)
				}
			}
			if h.ended != c.ended || len(h.State().Outdated) > 0 != c.change {
				h.t.Errorf("session ended %v, outdated %v", h.ended, h.State().Outdated)
			}
			h.user.setError(nil)
			h.apply(h.Check())
			if h.State().Fault != nil {
				h.t.Errorf("the next check keeps the fault: %v", h.State().Fault)
			}
		})
	}
}

func TestCheckWithoutACollection(t *testing.T) {
	test(t, "", func(h *harness) {
		h.user.profile.App.CustomData.Collection = ""
		h.open()
		h.apply(h.Check())
		h.want("check", "", model.Unchecked)
	})
}

func TestRefresh(t *testing.T) {
	for _, c := range []struct {
		name      string
		err       error
		change    bool
		calls     string
		staleness model.State
		notices   []string
		ended     bool
	}{
		{name: "no change", calls: "check profile refresh", staleness: model.Current,
			notices: []string{"TE refreshed: no change"}},
		{name: "change", change: true, calls: "check profile refresh", staleness: model.Current,
			notices: []string{"E refreshed [color]"}},
		{name: "unreachable", err: errUnreachable, calls: "refresh", staleness: model.Unknown,
			notices: []string{"T call: no answer", "E call: no answer"}},
		{name: "denied", err: errDenied, calls: "refresh", staleness: model.Current,
			notices: []string{"TE call: no rule allows it"}},
		{name: "session ended", err: errSignedOut, calls: "refresh", staleness: model.Current, ended: true},
	} {
		test(t, c.name, func(h *harness) {
			h.open()
			h.user.setError(c.err)
			if c.change {
				h.change("purple")
			}
			h.apply(h.Refresh())
			h.want("refresh", c.calls, c.staleness, c.notices...)
			if h.ended != c.ended {
				h.t.Errorf("session ended: %v", h.ended)
			}
			if c.err == nil && !h.State().RefreshedAt.Equal(time.Now()) {
				h.t.Errorf("refreshed at %v", h.State().RefreshedAt)
			}
		})
	}
	test(t, "document too large for a token", func(h *harness) {
		h.open()
		h.user.tooLarge = true
		h.apply(h.Refresh())
		h.want("refresh", "check profile refresh", model.Unchecked,
			"TE refreshed: the document no longer fits into the token")
		h.apply(h.Refresh())
		h.want("refresh again", "check profile refresh", model.Unchecked,
			"TE refreshed: the document does not fit into the token")
		if changes := h.State().RefreshChanges; changes != nil {
			h.t.Errorf("%d fields changed", len(changes))
		}
		h.user.tooLarge = false
		h.apply(h.Refresh())
		h.want("refresh a smaller document", "check profile refresh", model.Current,
			"TE refreshed: the document fits into the token again")
	})
}

// A call with an expired token refreshes it.
func TestACallRefreshes(t *testing.T) {
	test(t, "expired token", func(h *harness) {
		h.open()
		h.change("purple")
		h.wait(31*time.Minute).want("31 minutes later", "", model.Due)
		h.apply(h.Check())
		h.want("check", "check", model.Current, "TE a call refreshed the expired token [color]")
	})
	test(t, "the call of a dialog", func(h *harness) {
		h.open()
		h.user.refreshToken()
		h.apply(h.Dropped())
		h.want("dropped response", "check", model.Current, "E a call refreshed the token: no change")
	})
	test(t, "opened with an expired token", func(h *harness) {
		h.user.watchErr = errUnsupported
		h.wait(31 * time.Minute)
		h.open()
		h.apply(h.Check())
		h.want("check", "check watch", model.Current, "TE a call refreshed the expired token: no change")
	})
}

// draft returns an edit of the color.
func draft(t *testing.T, base bson.Raw, color string) *model.Draft {
	t.Helper()
	d := model.NewDraft(base, model.Owner{UserIDField: "userId", UserID: model.ValueOf("u")})
	if err := d.Set(model.Path{"color"}, model.ValueOf(color)); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSaved(t *testing.T) {
	test(t, "refreshes", func(h *harness) {
		h.open()
		d := draft(h.t, doc("pink"), "purple")
		h.change("purple")
		h.apply(h.Saved(nav.Saved{Draft: d, Outcome: model.WriteResult{Saved: true}}))
		h.want("saved", "check refresh", model.Current, "E saved and refreshed [color]")
		undone := draft(h.t, doc("purple"), "pink")
		h.apply(h.Saved(nav.Saved{Draft: d, Outcome: model.WriteResult{Saved: true}}))
		first := h.Saves()[1].At
		h.apply(h.Saved(nav.Saved{Draft: undone, Outcome: model.WriteResult{Saved: true}, Of: first, IsUndo: true}))
		saves := h.Saves()
		if len(saves) != 2 || saves[0].Undone != nil || saves[1].Undone == nil || !saves[0].At.After(saves[1].At) {
			h.t.Errorf("saves: %+v", saves)
		}
		h.apply(h.Saved(nav.Saved{Draft: d, Outcome: model.WriteResult{Saved: true}, Of: first}))
		if saves = h.Saves(); len(saves) != 2 || saves[1].Undone != nil {
			h.t.Errorf("saves after the redo: %+v", saves)
		}
	})
	test(t, "saves of earlier runs can be undone", func(h *harness) {
		d := draft(h.t, doc("red"), "pink")
		h.saves.list = []model.SavedChange{{At: time.Now().Add(-time.Hour), Draft: d.Compact()}}
		h.open()
		if saves := h.Saves(); len(saves) != 1 || saves[0].Draft.Edits()[0].Value.StringValue() != "pink" {
			h.t.Errorf("saves: %+v", saves)
		}
		h.apply(h.Saved(nav.Saved{Draft: draft(h.t, doc("pink"), "blue"), Outcome: model.WriteResult{Saved: true}}))
		if saves := h.Saves(); len(saves) != 2 || len(h.saves.list) != 2 ||
			saves[0].Draft.Edits()[0].Value.StringValue() != "blue" {
			h.t.Errorf("saves: %+v, stored %+v", saves, h.saves.list)
		}
	})
	test(t, "changes by others are listed apart", func(h *harness) {
		h.user.watchErr = errUnsupported
		h.open()
		d := draft(h.t, doc("pink"), "purple")
		others, _ := bson.Marshal(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: "u"}, {Key: "color", Value: "purple"},
			{Key: "language", Value: "fr"}})
		h.user.document = others
		h.apply(h.Saved(nav.Saved{Draft: d, Outcome: model.WriteResult{Saved: true}}))
		h.want("saved", "check refresh", model.Current, "E changed by others before [language]",
			"E saved and refreshed [color]")
	})
	test(t, "the ids of a created document are not listed", func(h *harness) {
		h.user.document = nil
		h.user.issueToken()
		h.open()
		h.user.document = doc("purple")
		h.apply(h.Saved(nav.Saved{Draft: draft(h.t, nil, "purple"), Outcome: model.WriteResult{Saved: true}}))
		h.want("saved", "check refresh", model.Current, "E saved and refreshed [color]")
	})
	test(t, "nothing to save", func(h *harness) {
		h.open()
		h.apply(h.Saved(nav.Saved{Draft: draft(h.t, nil, "pink"), Outcome: model.WriteResult{AlreadyDone: true}}))
		if len(h.Saves()) > 0 {
			h.t.Error("a save that wrote nothing can be undone")
		}
	})
	test(t, "the refresh fails", func(h *harness) {
		h.open()
		h.user.setError(errUnreachable)
		h.apply(h.Saved(nav.Saved{Draft: draft(h.t, nil, "purple"), Outcome: model.WriteResult{Saved: true}}))
		h.want("saved", "refresh", model.Unknown,
			"TE saved, but the refresh failed: the application still has the old values", "E call: no answer")
	})
}

// An unreachable service is tried again after 2, 4, 8, 16, then every 30 seconds.
func TestUnreachable(t *testing.T) {
	test(t, "backoff", func(h *harness) {
		h.user.watchErr = errUnsupported
		h.open()
		since := time.Now()
		h.user.setError(errUnreachable)
		h.apply(h.Check())
		h.want("check", "check", model.Unknown, "E call: no answer")
		var attempts []int
		for range 120 {
			h.wait(time.Second)
			if h.user.takeCalls() == "ping" {
				attempts = append(attempts, int(time.Since(since)/time.Second))
			}
		}
		if want := []int{2, 6, 14, 30, 60, 90, 120}; !slices.Equal(attempts, want) {
			h.t.Errorf("attempts after %v seconds, want %v", attempts, want)
		}
		if s := h.State(); s.Reachable || !s.Staleness.UnreachableSince.Equal(since) ||
			!s.RetryAt.Equal(time.Now().Add(30*time.Second)) {
			h.t.Errorf("reachable %v, unreachable since %v, next attempt %v", s.Reachable, s.Staleness.UnreachableSince,
				s.RetryAt)
		}
		h.user.setError(nil)
		h.wait(30*time.Second).want("the service answers", "ping", model.Current, "TE the service answers again")
		if s := h.State(); !s.Reachable || s.Fault != nil || !s.RetryAt.IsZero() {
			h.t.Errorf("reachable %v, fault %v, next attempt %v", s.Reachable, s.Fault, s.RetryAt)
		}
	})
	test(t, "what is missing is read when the service answers", func(h *harness) {
		h.user.setError(errUnreachable)
		h.user.profile.ID = ""
		h.open()
		h.user.setError(nil)
		h.wait(2*time.Second).want("the service answers", "check ping profile", model.Current, "TE the service answers again")
	})
	test(t, "a fault of a dialog", func(h *harness) {
		h.open()
		h.apply(h.Fault(errUnreachable))
		h.want("fault", "", model.Unknown, "T call: no answer", "E call: no answer")
	})
}

func TestChangeStream(t *testing.T) {
	test(t, "a change", func(h *harness) {
		h.open()
		if !h.State().Watching {
			h.t.Error("the open stream is not shown")
		}
		h.user.emit("update", doc("red"))
		h.user.emit("update", doc("purple"))
		h.wait(time.Second).want("change", "", model.Stale, "E the database changed [color]")
		h.user.emit("update", doc("pink"))
		h.wait(time.Second).want("changed back", "", model.Current)
		h.user.emit("delete", nil)
		h.wait(time.Second).want("deleted", "", model.Stale, "E the database changed [_id] [userId] [color]")
	})
	test(t, "an event without a document", func(h *harness) {
		h.open()
		h.change("purple")
		h.user.emit("update", nil)
		h.wait(time.Second).want("change", "check", model.Stale)
	})
	test(t, "an event without a document after the token expired", func(h *harness) {
		h.open()
		h.wait(31 * time.Minute)
		h.user.emit("update", nil)
		h.wait(time.Second).want("change", "", model.Due)
	})
	test(t, "interrupted and resumed", func(h *harness) {
		h.open()
		h.user.emit(model.StreamInterrupted, nil)
		h.wait(time.Second).want("interrupted", "ping", model.Current)
		if h.State().Watching {
			h.t.Error("the interrupted stream is shown as open")
		}
		h.user.emit(model.StreamResumed, nil)
		h.wait(time.Second).want("resumed", "", model.Current)
		if !h.State().Watching {
			h.t.Error("the resumed stream is not shown")
		}
	})
	test(t, "ended", func(h *harness) {
		h.open()
		h.user.endWatch <- nil
		h.apply(currentuser.Effects{}).want("ended", "", model.Current)
		h.wait(4*time.Second).want("4 seconds later", "", model.Current)
		h.wait(time.Second).want("5 seconds later", "watch", model.Current)
	})
	test(t, "ended, the service is unreachable", func(h *harness) {
		h.open()
		h.user.endWatch <- errUnreachable
		h.apply(currentuser.Effects{}).want("ended", "", model.Unknown, "E call: no answer")
		h.wait(2*time.Second).want("the service answers", "ping watch", model.Current, "TE the service answers again")
	})
	test(t, "ended with the session", func(h *harness) {
		h.open()
		h.user.endWatch <- errSignedOut
		if h.apply(currentuser.Effects{}); !h.ended {
			h.t.Error("the end of the session is not reported")
		}
	})
	test(t, "unsupported", func(h *harness) {
		h.user.watchErr = errUnsupported
		h.open()
		if s := h.State(); s.Watching || !s.NoChangeStreams {
			h.t.Errorf("watching %v, no change streams %v", s.Watching, s.NoChangeStreams)
		}
		h.wait(time.Minute).want("a minute later", "", model.Current)
	})
}

func TestDelete(t *testing.T) {
	for _, c := range []struct {
		name    string
		outcome model.WriteResult
		calls   string
		notices []string
	}{
		{"deleted", model.WriteResult{Saved: true}, "check delete refresh", []string{"TE the document is deleted",
			"E deleted and refreshed [_id] [userId] [color]"}},
		{"deleted before", model.WriteResult{AlreadyDone: true}, "check delete refresh",
			[]string{"TE the document was already deleted", "E deleted and refreshed [_id] [userId] [color]"}},
		{"changed meanwhile", model.WriteResult{Conflict: true}, "check delete",
			[]string{"TE not deleted: the document was changed after it was read"}},
	} {
		test(t, c.name, func(h *harness) {
			h.open()
			h.apply(h.PrepareDelete())
			h.want("prepared", "check", model.Current)
			if h.confirm == nil || string(h.confirm.Document) != string(h.user.document) {
				h.t.Fatalf("to confirm: %v", h.confirm)
			}
			h.user.outcome = c.outcome
			h.apply(h.Delete(*h.confirm))
			h.want("deleted", c.calls, model.Current, c.notices...)
		})
	}
	test(t, "after a save", func(h *harness) {
		h.open()
		h.change("purple")
		h.apply(h.Saved(nav.Saved{Draft: draft(h.t, doc("pink"), "purple"), Outcome: model.WriteResult{Saved: true}}))
		h.want("saved", "check refresh", model.Current, "E saved and refreshed [color]")
		h.apply(h.PrepareDelete())
		h.user.outcome = model.WriteResult{Saved: true}
		h.apply(h.Delete(*h.confirm))
		h.want("deleted", "check check delete refresh", model.Current, "TE the document is deleted",
			"E deleted and refreshed [_id] [userId] [color]")
	})
	test(t, "the refresh fails", func(h *harness) {
		h.open()
		h.apply(h.PrepareDelete())
		h.user.outcome = model.WriteResult{Saved: true}
		effects := h.Delete(*h.confirm)
		h.user.afterDelete = errUnreachable
		h.apply(effects)
		h.want("deleted", "check delete refresh", model.Unknown, "TE the document is deleted",
			"TE deleted, but the refresh failed: the application still has the old values", "E call: no answer")
	})
	for _, c := range []struct {
		name      string
		document  bson.Raw
		err       error
		staleness model.State
		notice    string
	}{
		{"no document", nil, nil, model.Stale, "TE there is no document to delete"},
		{"damaged document", bson.Raw{5, 0}, nil, model.Stale, "TE delete the document: the document is damaged"},
		{"denied", nil, errDenied, model.Current, "TE call: no rule allows it"},
	} {
		test(t, c.name, func(h *harness) {
			h.open()
			h.user.document = c.document
			h.user.setError(c.err)
			h.apply(h.PrepareDelete())
			h.want("prepared", "check", c.staleness, c.notice)
			if h.confirm != nil {
				h.t.Error("there is something to confirm")
			}
		})
	}
}

func TestKeptDraft(t *testing.T) {
	test(t, "", func(h *harness) {
		h.accounts.draft = draft(h.t, nil, "purple").WithModifiedAt(time.Now())
		h.apply(h.Open())
		h.want("open", "check profile watch", model.Current,
			"TE an unsaved change from 00:00:00 is kept: {document.review-draft} reviews it")
	})
}

func TestLinked(t *testing.T) {
	test(t, "", func(h *harness) {
		h.open()
		h.user.profile.Identities = []model.Identity{{ProviderType: "api-key"}}
		h.apply(h.Linked("API key"))
		h.want("linked", "", model.Current, "TE linked: API key")
		if len(h.State().User.Identities) != 1 {
			h.t.Errorf("identities: %v", h.State().User.Identities)
		}
	})
}

func TestTheStateIsNotChangedInPlace(t *testing.T) {
	test(t, "", func(h *harness) {
		h.open()
		before := h.State()
		copied := *before
		h.apply(h.ToggleMask())
		h.apply(h.Refresh())
		if before == h.State() || before.Masked || before.Session.Refreshes != copied.Session.Refreshes {
			h.t.Error("a transition changed the state before it")
		}
	})
}

func TestANewDayChangesTheState(t *testing.T) {
	test(t, "", func(h *harness) {
		h.accounts.current = nil
		h.apply(h.Open())
		before := h.State()
		h.apply(h.Tick(time.Now().Add(time.Hour)))
		if h.State() != before {
			h.t.Error("a tick of the same day changed the state")
		}
		h.apply(h.Tick(time.Now().Add(24 * time.Hour)))
		if h.State().Today.Day() != 2 {
			h.t.Errorf("the day is %v", h.State().Today)
		}
	})
}

// TestALargeDocumentIsComparedOnce: a snapshot and a check are compared when they come, not at every change of the
// state.
func TestALargeDocumentIsComparedOnce(t *testing.T) {
	test(t, "outdated", func(h *harness) {
		fields := bson.D{{Key: "userId", Value: "ada"}}
		for i := range 20_000 {
			fields = append(fields, bson.E{Key: fmt.Sprint("field", i), Value: i})
		}
		large, err := bson.Marshal(fields)
		if err != nil {
			h.t.Fatal(err)
		}
		h.open()
		h.user.document = large
		h.apply(h.Check())
		if n := len(h.State().Outdated); n < 20_000 {
			h.t.Fatalf("%d fields are outdated", n)
		}
		if n := testing.AllocsPerRun(1, func() { h.ToggleMask() }); n > 1000 {
			h.t.Errorf("a change of the state allocates %.0f objects", n)
		}
	})
}

// TestAnOutdatedFieldIsStale: in any order of refreshes, changes, checks, lost events and interruptions, the snapshot
// is stale, since the first notice of the difference, while a field is shown as outdated.
func TestAnOutdatedFieldIsStale(t *testing.T) {
	for seed := range uint64(200) {
		test(t, fmt.Sprint(seed), func(h *harness) {
			random := rand.New(rand.NewPCG(seed, 0))
			h.open()
			var since, issued time.Time // of the difference shown, and of its snapshot; zero: there is none
			trace := ""
			for range 25 {
				step := random.IntN(7)
				trace += fmt.Sprint(step)
				color := []string{"pink", "red", "purple"}[random.IntN(3)]
				switch step {
				case 0:
					h.apply(h.Refresh())
				case 1:
					saved := draft(h.t, h.user.document, color)
					h.change(color)
					h.apply(h.Saved(nav.Saved{Draft: saved}))
				case 2, 3: // an event, taken with the next tick
					h.change(color)
					h.user.emit("update", doc(color))
				case 4:
					h.apply(h.Check())
				case 5: // an interruption during which the document changes
					h.user.emit(model.StreamInterrupted, nil)
					h.change(color)
					h.wait(time.Second)
					h.user.emit(model.StreamResumed, nil)
					h.user.emit("replace", doc(color))
				case 6:
					h.wait(time.Second)
				}
				h.apply(h.Dropped())
				s := h.State()
				shown := s.Staleness.StaleSince
				if len(s.Outdated) == 0 {
					since, issued = time.Time{}, time.Time{}
					continue
				}
				again := slices.ContainsFunc(h.user.noticed, shown.Equal) // the difference may have gone between two ticks
				if since.IsZero() || !s.Staleness.IssuedAt.Equal(issued) || again {
					since, issued = shown, s.Staleness.IssuedAt
				}
				if got := s.StalenessState(time.Now()); got != model.Stale || !shown.Equal(since) || shown.IsZero() {
					h.t.Fatalf("steps %s: %d fields outdated, %s since %s, want stale since %s", trace, len(s.Outdated), got,
						shown, since)
				}
			}
			if h.wait(2 * time.Second); len(h.State().Outdated) == 0 != h.user.Session().StaleSince.IsZero() {
				h.t.Fatalf("steps %s: outdated %v, session %+v", trace, h.State().Outdated, h.user.Session().Comparison)
			}
		})
	}
}

// fakeSaves keeps saves of the first account for a later run.
type fakeSaves struct {
	account string
	list    []model.SavedChange
}

func (f *fakeSaves) Saves(account string) ([]model.SavedChange, error) {
	if f.account == "" {
		f.account = account
	}
	if f.account != account {
		return nil, nil
	}
	return f.list, nil
}

func (f *fakeSaves) AddSave(_ string, s model.SavedChange) error {
	f.list = model.WithSave(f.list, s)
	return nil
}

// TestADamagedDraftIsReported: the notice names the file that it was moved to.
func TestADamagedDraftIsReported(t *testing.T) {
	test(t, "damaged", func(h *harness) {
		h.accounts.draftError = &model.Fault{Kind: model.Failed, Op: "open the draft", Message: "moved aside to x.damaged"}
		h.apply(h.Open())
		if !strings.Contains(strings.Join(h.notices, "\n"), "moved aside to x.damaged") {
			h.t.Errorf("notices: %q", h.notices)
		}
		if _, known := h.StoredDraft(); !known {
			h.t.Error("an editor would wait for the draft")
		}
	})
}

// TestTheUndoOfASaveIsStoredAfterIt: whichever of the two commands runs first.
func TestTheUndoOfASaveIsStoredAfterIt(t *testing.T) {
	test(t, "order", func(h *harness) {
		h.open()
		done := model.WriteResult{Saved: true}
		save := h.Saved(nav.Saved{Draft: draft(h.t, doc("pink"), "blue"), Outcome: done})
		undo := h.Saved(nav.Saved{Draft: draft(h.t, doc("blue"), "pink"), Outcome: done, Of: h.Saves()[0].At, IsUndo: true})
		undo.State, save.State = nil, nil
		h.apply(undo)
		h.apply(save)
		if stored, err := h.saves.Saves(h.user.Account().ID); err != nil || len(stored) != 1 || stored[0].Undone == nil {
			h.t.Errorf("stored: %+v, %v", stored, err)
		}
	})
}
