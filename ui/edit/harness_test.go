package edit_test

import (
	"context"
	"image"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/port"
	"dossier/ui/state"
	"dossier/ui/style"
)

const userID = "5f1f216e82df4a7979f9da93"

// fakeUser is a user with one document. It implements only the methods that the editor calls.
type fakeUser struct {
	port.User
	doc        bson.Raw
	checks     int
	saves      []model.Update
	fault      func(save bool) error       // called before every check and save
	concurrent func(doc bson.Raw) bson.Raw // a concurrent change before the next save
	wait       func(ctx context.Context)   // blocks a save
	hints      model.Hints
	guards     bool // a save compares the base values of its edits, as the database does
}

func (p *fakeUser) Account() model.Account {
	return model.Account{ID: "app/" + userID, UserID: userID, Name: "demo@example.com", SignedIn: true}
}

func (p *fakeUser) Hints(context.Context) (model.Hints, error) { return p.hints, nil }

func (p *fakeUser) Check(context.Context) (model.CheckResult, error) {
	p.checks++
	if p.fault != nil {
		if err := p.fault(false); err != nil {
			return model.CheckResult{}, err
		}
	}
	return model.CheckResult{Document: p.doc}, nil
}

// Save writes the edits of the update; with a concurrent change it returns a conflict.
func (p *fakeUser) Save(ctx context.Context, u model.Update) (model.WriteResult, error) {
	p.saves = append(p.saves, u)
	if p.wait != nil {
		p.wait(ctx)
	}
	if p.fault != nil {
		if err := p.fault(true); err != nil {
			return model.WriteResult{}, err
		}
	}
	if u.SatisfiedBy(p.doc) {
		return model.WriteResult{AlreadyDone: true}, nil
	}
	if p.concurrent != nil {
		p.doc = p.concurrent(p.doc)
		p.concurrent = nil
		return model.WriteResult{Conflict: true, Theirs: p.doc}, nil
	}
	if p.guards && !guardsHold(u, p.doc) {
		return model.WriteResult{Conflict: true, Theirs: p.doc}, nil
	}
	d := model.NewDraft(p.doc, ownerOf(p.doc))
	for _, e := range u.Edits {
		if e.Unset {
			must(d.Unset(e.Path))
		} else {
			must(d.Set(e.Path, e.Value))
		}
	}
	p.doc = d.Result()
	return model.WriteResult{Saved: true}, nil
}

// guardsHold reports whether the edited fields have the values that the filter requires.
func guardsHold(u model.Update, doc bson.Raw) bool {
	for _, e := range u.Edits {
		old, _ := e.Path.Lookup(doc)
		if !model.Identical(old, u.Filter.Lookup(e.Path.String(), "$eq")) {
			return false
		}
	}
	return true
}

func ownerOf(doc bson.Raw) model.Owner {
	return model.Owner{UserIDField: "userId", UserID: model.ValueOf(userID)}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// fakeDrafts stores drafts as text, as a file does.
type fakeDrafts struct {
	mu   sync.Mutex
	text map[string][]byte
	err  error
}

func (d *fakeDrafts) TakeOver(id string) (*model.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.text[id] == nil {
		return nil, nil
	}
	var draft model.Draft
	return &draft, draft.UnmarshalText(d.text[id])
}

func (d *fakeDrafts) Save(id string, draft *model.Draft) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	text, err := draft.MarshalText()
	d.text[id] = text
	return err
}

func (d *fakeDrafts) Delete(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.text, id)
	return nil
}

func (d *fakeDrafts) hasDraft() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.text) > 0
}

func document(fields ...bson.E) bson.Raw {
	d := append(bson.D{{Key: "_id", Value: bson.ObjectID{1, 2, 3}}, {Key: "userId", Value: userID}}, fields...)
	raw, err := bson.Marshal(d)
	must(err)
	return raw
}

func field(key string, value any) bson.E { return bson.E{Key: key, Value: value} }

// harness sends keys to one editor and reads its frames.
type harness struct {
	t      *testing.T
	e      *edit.Editor
	user   *fakeUser
	drafts *fakeDrafts
	state  *state.State
	screen image.Point
	now    time.Time
	sent   []tea.Msg // messages to the root
	closed bool
	editor *fakeEditor
	held   []tea.Cmd // commands held back while paused
	paused bool

	current *edit.CurrentDraft // of the last operation
}

func newHarness(t *testing.T, fields ...bson.E) *harness {
	t.Helper()
	p := &fakeUser{doc: document(fields...)}
	d := &harness{t: t, user: p, drafts: &fakeDrafts{text: map[string][]byte{}}, editor: &fakeEditor{},
		screen: image.Pt(100, 30)}
	d.now = time.Date(2026, 11, 25, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	d.state = &state.State{HasUser: true, Account: p.Account(), User: model.User{App: model.AppInfo{
		CustomData: model.CustomDataConfig{Enabled: true, Database: "app", Collection: "custom_user_data",
			UserIDField: "userId"},
		Functions: []string{"other", "writeCustomUserData"},
	}}}
	d.state.Session.Snapshot.CustomData = p.doc
	return d
}

// config returns the configuration of a new process, which takes over the stored draft.
func (d *harness) config() edit.Config {
	c := edit.Config{
		Ctx: d.t.Context(), User: d.user, Drafts: d.drafts, Keys: keys.Default(),
		Styles: style.New(themes.Default(), true, style.Options{}), State: d.state, Now: d.now, Screen: d.screen,
		TextEditor: d.editor,
	}
	stored, err := d.drafts.TakeOver(d.user.Account().ID)
	must(err)
	c.Current = edit.NewCurrentDraft(c)
	c.Current.Adopt(stored)
	return c
}

// open opens an editor, as a new process would.
func (d *harness) open(make func(edit.Config) (*edit.Editor, tea.Cmd)) *harness {
	d.closed, d.sent = false, nil
	e, cmd := make(d.config())
	d.e = e
	d.runCmd(cmd)
	return d
}

func (d *harness) field(path string) *harness {
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, pathOf(path)) })
}

func (d *harness) add(path string) *harness {
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Add(c, pathOf(path)) })
}

// remove removes a field in the draft and opens the review.
func (d *harness) remove(path string) *harness {
	return d.operate(edit.RemoveFields([]model.Path{pathOf(path)})).openBeside(edit.Review)
}

// openBeside opens an editor in the process of the last operation.
func (d *harness) openBeside(make func(edit.Config) (*edit.Editor, tea.Cmd)) *harness {
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) {
		c.Current = d.current
		return make(c)
	})
}

// operate carries out an operation on the draft.
func (d *harness) operate(o edit.Operation) *harness {
	d.sent, d.e = nil, nil
	d.current = d.config().Current
	d.runCmd(d.current.Run(o))
	return d
}

func (d *harness) whole() *harness { return d.open(edit.Document) }

func pathOf(path string) model.Path {
	if path == "" {
		return nil
	}
	p, err := model.ParsePath(path)
	must(err)
	return p
}

// runCmd runs a command and the commands that result from it.
func (d *harness) runCmd(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if d.paused {
		d.held = append(d.held, cmd)
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			d.runCmd(c)
		}
	case nav.Close:
		if m.Overlay != pane.Overlay(d.e) {
			d.t.Error("another overlay was closed")
		}
		d.closed = true
	case nav.Notify, nav.ShowFault, nav.Saved, nav.Refresh, nav.CallFunction, nav.Open, nav.Copy:
		d.sent = append(d.sent, m)
	default:
		d.send(m)
	}
}

// resume runs the commands held back.
func (d *harness) resume() *harness {
	d.paused = false
	later := d.held
	d.held = nil
	for _, c := range later {
		d.runCmd(c)
	}
	return d
}

func (d *harness) send(m tea.Msg) *harness {
	d.t.Helper()
	if d.current != nil {
		d.runCmd(d.current.Update(m))
	}
	if d.e == nil {
		return d
	}
	d.runCmd(d.e.Update(m))
	d.frame()
	return d
}

func (d *harness) press(names ...string) *harness {
	d.t.Helper()
	for _, name := range names {
		if d.closed {
			d.t.Fatalf("%s pressed on a closed editor", name)
		}
		k := key(name)
		if d.e.CapturesKeys() {
			d.send(k)
			continue
		}
		if a, ok := keys.Default().Resolve(k, d.e.Scope(), keys.Dialog); ok {
			d.runCmd(d.e.Handle(a))
			d.frame()
		}
	}
	return d
}

// pressWhileOpen presses keys until the editor closes.
func (d *harness) pressWhileOpen(names ...string) *harness {
	d.t.Helper()
	for _, name := range names {
		if !d.closed {
			d.press(name)
		}
	}
	return d
}

func (d *harness) typeText(text string) *harness {
	d.t.Helper()
	for _, r := range text {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

// clear empties a line input.
func (d *harness) clear() *harness { d.t.Helper(); return d.press("ctrl+e", "ctrl+u") }

// accept goes on from a field to the review.
func (d *harness) accept() *harness { d.t.Helper(); return d.press("ctrl+s") }

func (d *harness) paste(text string) *harness {
	d.t.Helper()
	return d.send(tea.PasteMsg{Content: text})
}

// frame returns the visible text. It checks the size of the frame and the cursor position.
func (d *harness) frame() string {
	d.t.Helper()
	size := pane.Inner(d.e.Size(d.screen))
	d.runCmd(d.e.Update(pane.Resized{Size: size}))
	view := d.e.View(size)
	lines := strings.Split(view, "\n")
	if len(lines) != size.Y && size.Y > 0 {
		d.t.Fatalf("%d lines on %v\n%s", len(lines), size, view)
	}
	for _, l := range lines {
		if size.Y > 0 && ansi.StringWidthWc(l) != size.X {
			d.t.Fatalf("%d cells on %v: %q", ansi.StringWidthWc(l), size, ansi.Strip(l))
		}
	}
	if c := d.e.Cursor(); c != nil && !image.Pt(c.X, c.Y).In(image.Rectangle{Max: size}) {
		d.t.Fatalf("cursor at %d,%d on %v", c.X, c.Y, size)
	}
	return ansi.Strip(view)
}

func (d *harness) see(texts ...string) *harness {
	d.t.Helper()
	frame := strings.Join(strings.Fields(d.frame()), " ")
	for _, s := range texts {
		if !strings.Contains(frame, s) {
			d.t.Fatalf("%q is missing in\n%s", s, d.frame())
		}
	}
	return d
}

func (d *harness) dontSee(texts ...string) *harness {
	d.t.Helper()
	for _, s := range texts {
		if strings.Contains(d.frame(), s) {
			d.t.Fatalf("unexpected %q in\n%s", s, d.frame())
		}
	}
	return d
}

// holds checks the value of a field in the database; nil: absent.
func (d *harness) holds(path string, want any) *harness {
	d.t.Helper()
	v, ok := pathOf(path).Lookup(d.user.doc)
	switch {
	case want == nil && ok:
		d.t.Errorf("%s is %s, want it absent", path, model.JSON(v))
	case want == nil:
	case !ok:
		d.t.Errorf("%s is absent, want %v", path, want)
	case !model.Identical(v, model.ValueOf(want)):
		d.t.Errorf("%s is %s %s, want %s", path, model.KindOf(v), model.JSON(v), model.JSON(model.ValueOf(want)))
	}
	return d
}

func sentMessage[T any](d *harness) (found T, ok bool) {
	for _, m := range d.sent {
		if v, is := m.(T); is {
			return v, true
		}
	}
	return found, false
}

func key(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		k.Mod, name = tea.ModCtrl, rest
	} else if rest, ok := strings.CutPrefix(name, "alt+"); ok {
		k.Mod, name = tea.ModAlt, rest
	} else if rest, ok := strings.CutPrefix(name, "shift+"); ok {
		k.Mod, name = tea.ModShift, rest
	}
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left":  tea.KeyLeft,
		"right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown,
		"pgup":   tea.KeyPgUp,
		"delete": tea.KeyDelete,
	}
	if c, ok := codes[name]; ok {
		k.Code = c
		return k
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

func stateChanged(r *state.State) tea.Msg { return state.Changed{State: r} }
