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

// person is one made-up person. Only what the editor calls is there.
type person struct {
	port.User
	doc   bson.Raw
	looks int
	saves []model.Update
	fault func(save bool) error       // asked before every look and save
	clash func(doc bson.Raw) bson.Raw // somebody else's change just before the next save
	hold  func(ctx context.Context)   // makes a save wait
}

func (p *person) Account() model.Account {
	return model.Account{ID: "app/" + userID, UserID: userID, Name: "demo@example.com", SignedIn: true}
}

func (p *person) Check(context.Context) (model.CheckResult, error) {
	p.looks++
	if p.fault != nil {
		if err := p.fault(false); err != nil {
			return model.CheckResult{}, err
		}
	}
	return model.CheckResult{Document: p.doc}, nil
}

// Save writes the update's edits, unless somebody else changed one of their fields since the update was made.
func (p *person) Save(ctx context.Context, u model.Update) (model.WriteResult, error) {
	p.saves = append(p.saves, u)
	if p.hold != nil {
		p.hold(ctx)
	}
	if p.fault != nil {
		if err := p.fault(true); err != nil {
			return model.WriteResult{}, err
		}
	}
	if u.SatisfiedBy(p.doc) {
		return model.WriteResult{AlreadyDone: true}, nil
	}
	if p.clash != nil {
		p.doc = p.clash(p.doc)
		p.clash = nil
		return model.WriteResult{Conflict: true, Theirs: p.doc}, nil
	}
	d := model.NewDraft(p.doc, scope(p.doc))
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

func scope(doc bson.Raw) model.Owner {
	return model.Owner{UserIDField: "userId", UserID: model.ValueOf(userID)}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// drafts keeps drafts as text, as a file does.
type drafts struct {
	mu   sync.Mutex
	text map[string][]byte
	err  error
}

func (d *drafts) Load(id string) (*model.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.text[id] == nil {
		return nil, nil
	}
	var draft model.Draft
	return &draft, draft.UnmarshalText(d.text[id])
}

func (d *drafts) Save(id string, draft *model.Draft) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	text, err := draft.MarshalText()
	d.text[id] = text
	return err
}

func (d *drafts) Delete(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.text, id)
	return nil
}

func (d *drafts) kept() bool {
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

// desk is somebody at the keyboard in front of one editor.
type desk struct {
	t      *testing.T
	e      *edit.Editor
	person *person
	drafts *drafts
	record *state.State
	screen image.Point
	now    time.Time
	asked  []tea.Msg // what went up to the root
	closed bool
	later  []tea.Cmd // commands that are still to run, while paused
	paused bool
}

func sit(t *testing.T, fields ...bson.E) *desk {
	t.Helper()
	p := &person{doc: document(fields...)}
	d := &desk{t: t, person: p, drafts: &drafts{text: map[string][]byte{}}, screen: image.Pt(100, 30)}
	d.now = time.Date(2026, 11, 25, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	d.record = &state.State{HasUser: true, Account: p.Account(), User: model.User{App: model.AppInfo{
		CustomData: model.CustomDataConfig{Enabled: true, Database: "app", Collection: "custom_user_data",
			UserIDField: "userId"},
		Functions: []string{"other", "writeCustomUserData"},
	}}}
	d.record.Session.Snapshot.CustomData = p.doc
	return d
}

func (d *desk) config() edit.Config {
	return edit.Config{
		Ctx: d.t.Context(), User: d.person, Drafts: d.drafts, Keys: keys.Default(),
		Styles: style.New(themes.Default(), true, style.Options{}), State: d.record, Now: d.now, Screen: d.screen,
	}
}

// open opens an editor, as a new process would.
func (d *desk) open(make func(edit.Config) (*edit.Editor, tea.Cmd)) *desk {
	d.closed, d.asked = false, nil
	e, cmd := make(d.config())
	d.e = e
	d.run(cmd)
	return d
}

func (d *desk) field(path string) *desk {
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, pathOf(path)) })
}

func (d *desk) add(path string) *desk {
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Add(c, pathOf(path)) })
}

func (d *desk) remove(path string) *desk {
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Remove(c, pathOf(path)) })
}

func (d *desk) whole() *desk { return d.open(edit.Document) }

func pathOf(path string) model.Path {
	if path == "" {
		return nil
	}
	p, err := model.ParsePath(path)
	must(err)
	return p
}

// run carries a command out and what follows from it.
func (d *desk) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if d.paused {
		d.later = append(d.later, cmd)
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			d.run(c)
		}
	case nav.Close:
		if m.Overlay != pane.Overlay(d.e) {
			d.t.Error("something else was closed")
		}
		d.closed = true
	case nav.Notify, nav.ShowFault, nav.Saved, nav.Refresh, nav.CallFunction, nav.Open, nav.Copy:
		d.asked = append(d.asked, m)
	default:
		d.send(m)
	}
}

// resume runs what a pause held back.
func (d *desk) resume() *desk {
	d.paused = false
	later := d.later
	d.later = nil
	for _, c := range later {
		d.run(c)
	}
	return d
}

func (d *desk) send(m tea.Msg) *desk {
	d.t.Helper()
	d.run(d.e.Update(m))
	d.frame()
	return d
}

func (d *desk) press(names ...string) *desk {
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
			d.run(d.e.Handle(a))
			d.frame()
		}
	}
	return d
}

// mash presses keys until the editor closes.
func (d *desk) mash(names ...string) *desk {
	d.t.Helper()
	for _, name := range names {
		if !d.closed {
			d.press(name)
		}
	}
	return d
}

func (d *desk) typing(text string) *desk {
	d.t.Helper()
	for _, r := range text {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

// clear empties the input of one line.
func (d *desk) clear() *desk { d.t.Helper(); return d.press("ctrl+e", "ctrl+u") }

func (d *desk) paste(text string) *desk { d.t.Helper(); return d.send(tea.PasteMsg{Content: text}) }

// frame is what is on the screen, which is checked to be exactly as large as asked for.
func (d *desk) frame() string {
	d.t.Helper()
	size := pane.Inner(d.e.Size(d.screen))
	d.run(d.e.Update(pane.Resized{Size: size}))
	view := d.e.View(size)
	lines := strings.Split(view, "\n")
	if len(lines) != size.Y && size.Y > 0 {
		d.t.Fatalf("%d lines on %v\n%s", len(lines), size, view)
	}
	for _, l := range lines {
		if size.Y > 0 && ansi.StringWidth(l) != size.X {
			d.t.Fatalf("%d cells on %v: %q", ansi.StringWidth(l), size, ansi.Strip(l))
		}
	}
	if c := d.e.Cursor(); c != nil && !image.Pt(c.X, c.Y).In(image.Rectangle{Max: size}) {
		d.t.Fatalf("cursor at %d,%d on %v", c.X, c.Y, size)
	}
	return ansi.Strip(view)
}

func (d *desk) see(texts ...string) *desk {
	d.t.Helper()
	frame := strings.Join(strings.Fields(d.frame()), " ")
	for _, s := range texts {
		if !strings.Contains(frame, s) {
			d.t.Fatalf("no %q in\n%s", s, d.frame())
		}
	}
	return d
}

func (d *desk) dontSee(texts ...string) *desk {
	d.t.Helper()
	for _, s := range texts {
		if strings.Contains(d.frame(), s) {
			d.t.Fatalf("there is %q in\n%s", s, d.frame())
		}
	}
	return d
}

// holds asks what the database holds in a field now; nil: nothing.
func (d *desk) holds(path string, want any) *desk {
	d.t.Helper()
	v, ok := pathOf(path).Lookup(d.person.doc)
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

func asked[T any](d *desk) (found T, ok bool) {
	for _, m := range d.asked {
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

func recordChanged(r *state.State) tea.Msg { return state.Changed{State: r} }
