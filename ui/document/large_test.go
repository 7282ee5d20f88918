package document_test

import (
	"fmt"
	"image"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/model/testdocument"
	"dossier/themes"
	"dossier/ui/document"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

var size = image.Pt(80, 30)

// screen is the pane with a document, and the commands that it has returned.
type screen struct {
	testing.TB
	*document.Pane
	waiting []tea.Cmd
}

func show(tb testing.TB, doc bson.Raw) *screen {
	s := style.New(themes.Builtin()[0], true, style.Options{})
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	p := &screen{TB: tb, Pane: document.New(tb.Context(), keys.Default(), s, now)}
	p.send(pane.Resized{Size: size})
	p.send(pane.Focused{On: true})
	st := &state.State{HasUser: true, Account: model.Account{ID: "ada"}}
	st.Session.Snapshot.CustomData = doc
	p.send(state.Changed{State: st})
	return p
}

func (p *screen) send(msg tea.Msg) { p.keep(p.Update(msg)) }

func (p *screen) keep(cmd tea.Cmd) {
	if cmd != nil {
		p.waiting = append(p.waiting, cmd)
	}
}

// press presses keys; those of a line one by one, others as actions.
func (p *screen) press(names ...string) {
	for _, name := range names {
		key := uitest.Key(name)
		if p.CapturesKeys() {
			p.send(key)
		} else if a, ok := keys.Default().Resolve(key, p.Scope()); ok {
			p.keep(p.Handle(a))
		}
	}
}

// step runs the oldest command that was returned; false: there is none.
func (p *screen) step() bool {
	if len(p.waiting) == 0 {
		return false
	}
	cmd := p.waiting[0]
	p.waiting = p.waiting[1:]
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			p.keep(c)
		}
	default:
		p.send(msg)
	}
	return true
}

func (p *screen) frame() string { return ansi.Strip(p.View(size)) }

func (p *screen) see(texts ...string) {
	p.Helper()
	for _, text := range texts {
		if frame := p.frame(); !strings.Contains(frame, text) {
			p.Fatalf("the pane does not contain %q\n%s", text, frame)
		}
	}
}

func marshal(tb testing.TB, fields any) bson.Raw {
	tb.Helper()
	doc, err := bson.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// TestASearchShowsItsFirstMatchAtOnce: in 16 MB the cursor is on the first match before the document is searched, the
// progress is shown, and Esc stops the search with the matches so far, then ends it.
func TestASearchShowsItsFirstMatchAtOnce(t *testing.T) {
	p := show(t, marshal(t, testdocument.ManyFields(testdocument.MaxBytes)))
	p.press("/")
	p.send(tea.PasteMsg{Content: "user 997 "})
	p.see("searching… 0 %")
	p.waiting = p.waiting[len(p.waiting)-1:]
	if p.step(); !strings.Contains(p.frame(), "searching…") || p.Selected() == nil || p.Selected()[0] != "record000997" {
		t.Fatalf("after the first step the cursor is on %s\n%s", p.Selected(), p.frame())
	}
	p.press("enter")
	p.see("searching… 1 %, 1 of 1")
	for range 3 {
		p.step()
	}
	p.press("esc")
	p.see("stopped at")
	for p.step() {
	}
	p.see("stopped at")
	p.press("esc")
	if strings.Contains(p.frame(), "stopped") {
		t.Errorf("after Esc\n%s", p.frame())
	}
	p.press("/", "u", "s", "e", "r")
	for p.step() {
	}
	p.see("1 of the first 10000")
}

// TestFilterAndOrderOfALargeDocument: both are arranged outside the event loop.
func TestFilterAndOrderOfALargeDocument(t *testing.T) {
	p := show(t, marshal(t, testdocument.ManyFields(testdocument.MaxBytes)))
	p.press("/")
	p.send(tea.PasteMsg{Content: "88877"})
	for p.step() {
	}
	p.press("enter")
	p.see("1 of 7")
	p.press("&")
	p.see("only matches…", "record002905")
	for p.step() {
	}
	p.see("record079106", "only matches: 7 of 1", "& shows all")
	p.press("&", "o")
	for p.step() {
	}
	p.see("record002904", "by name")
}

// documents returns large documents of several shapes.
func documents(tb testing.TB) map[string]bson.Raw {
	tb.Helper()
	var deep any = bson.D{{Key: "leaf", Value: 1}}
	for i := range 150 {
		deep = bson.D{{Key: "before", Value: i}, {Key: "inner", Value: deep}, {Key: "after", Value: i}}
	}
	numbers := make(bson.A, 500_000)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	fields := make(bson.D, 100_000)
	for i := range fields {
		object := bson.D{{Key: "name", Value: "x"}, {Key: "tags", Value: bson.A{1}}}
		fields[i] = bson.E{Key: fmt.Sprintf("field%06d", i), Value: object}
	}
	return map[string]bson.Raw{
		"16 MB":           marshal(tb, testdocument.ManyFields(testdocument.MaxBytes)),
		"100,000 objects": marshal(tb, fields),
		"array":           marshal(tb, bson.D{{Key: "numbers", Value: numbers}}),
		"deep":            marshal(tb, deep),
	}
}

// TestBrowsingTakesLittleMemory: with all rows open, and after a walk through them, browsing takes less than 16 MB; a
// row takes less than eight bytes until it is visited.
func TestBrowsingTakesLittleMemory(t *testing.T) {
	for shape, doc := range documents(t) {
		before := heap()
		p := show(t, doc)
		p.press("+", "end", "home")
		rows, opened := 0, heap()-before
		if _, err := fmt.Sscanf(p.Position().String(), "1 of %d", &rows); err != nil {
			t.Fatalf("%s: %v in %q", shape, err, p.Position())
		}
		for range 3000 {
			p.press("pgdown")
		}
		walked := heap() - before
		if opened > 8*rows+1<<20 || walked > 16<<20 {
			t.Errorf("%s: %d rows take %d bytes, %d after a walk", shape, rows, opened, walked)
		}
		runtime.KeepAlive(p)
	}
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// BenchmarkOpenAll opens all of a document and draws the frame.
func BenchmarkOpenAll(b *testing.B) {
	for shape, doc := range documents(b) {
		b.Run(shape, func(b *testing.B) {
			p := show(b, doc)
			for b.Loop() {
				p.press("+")
				p.View(size)
			}
		})
	}
}

// BenchmarkFirstMatch searches 16 MB up to the first match, which is in the middle, and draws the frame.
func BenchmarkFirstMatch(b *testing.B) {
	doc := marshal(b, testdocument.ManyFields(testdocument.MaxBytes))
	for b.Loop() {
		p := show(b, doc)
		p.press("/")
		p.send(tea.PasteMsg{Content: "user 45000"})
		for p.Selected()[0] != "record045000" {
			p.step()
		}
		p.View(size)
	}
}
