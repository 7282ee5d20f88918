package copymenu

import (
	"context"
	"image"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/style"
)

// maxSyncBytes is the maximal size of a value that is written inside the event loop, in bytes.
const maxSyncBytes = 32 << 10

// Config is what the dialog needs.
type Config struct {
	Ctx     context.Context
	Timeout time.Duration // limits writing a text or a file; zero: request.DefaultTimeout
	Files   port.Files
	Draft   *model.Draft // the draft that is kept; nil: there is none
	Keys    keys.Map
	Styles  *style.Styles
	State   *state.State
	Screen  image.Point // the terminal size
	Limit   int         // the longest text that the clipboard takes, in bytes; 0: no limit
}

var _ pane.Overlay = (*Menu)(nil)

// Menu copies a part of a document. Its letters copy at once; the arrow keys show a preview first.
type Menu struct {
	Config
	source   source
	requests *request.Runner
	turn     sync.Mutex // of the requests, which write outside the event loop
	parts    []part
	part     part
	forms    []form
	cursor   int // in forms
	content  written
	fault    *model.Fault // why content could not be written
	then     keys.Action  // what to do when content is written: Accept, WriteFile or none
	message  string       // why the last action was not done
	export   *export      // the form of the file's path; nil: not open
}

// New opens the dialog. It starts with the selected fields if there are any, else with the value under the cursor.
func New(c Config, subject nav.CopyAs) (*Menu, tea.Cmd) {
	s := source{subject: subject, owner: c.State.DocumentOwner(), config: c.State.App().CustomData}
	if c.State.LastCheck != nil {
		s.stored = c.State.LastCheck.Document
	}
	if c.Draft != nil && !c.Draft.Empty() && !subject.IsResult {
		s.kept = c.Draft
	}
	m := &Menu{Config: c, source: s, requests: request.New(c.Ctx, c.Timeout), parts: s.available()}
	m.part = m.parts[0]
	if len(subject.Selected) > 0 {
		m.part = selection
	}
	m.forms = s.forms(m.part)
	return m, m.write()
}

// chosen returns the part and the form under the cursor.
func (m *Menu) chosen() choice { return choice{m.part, m.forms[m.cursor]} }

// write writes what is chosen, outside the event loop if it is large or the draft.
func (m *Menu) write() tea.Cmd {
	m.requests.Cancel()
	m.content, m.fault, m.message = written{}, nil, ""
	s, c := m.source, m.chosen()
	if c.part != draft && s.size(c.part) <= maxSyncBytes {
		w, err := s.write(c)
		m.content, m.fault = w, model.AsFault("", err)
		return m.proceed()
	}
	return request.Start(m.requests, func(ctx context.Context) (written, error) {
		m.turn.Lock() // one at a time: of the choices that the user passes, only the last one is written
		defer m.turn.Unlock()
		if err := ctx.Err(); err != nil {
			return written{}, err
		}
		return s.write(c)
	})
}

// Update handles responses, keys, pastes, the mouse and broadcasts.
func (m *Menu) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case style.Changed:
		m.Styles = msg.Styles
	case state.Changed:
		if m.State = msg.State; m.State.Masked { // the preview shows values
			return nav.Send(nav.Close{Overlay: m})
		}
	case tea.WindowSizeMsg:
		m.Screen = image.Pt(msg.Width, msg.Height)
	case request.Response[written]:
		if request.Accept(m.requests, msg) {
			m.content, m.fault = msg.Value, model.AsFault("", msg.Err)
			return m.proceed()
		}
	case tea.MouseWheelMsg:
		if n := pane.WheelRows(msg, 1); n != 0 && m.export == nil {
			return m.move(n)
		}
	case tea.MouseClickMsg:
		if i := msg.Y - firstForm; m.export == nil && i >= 0 && i < len(m.forms) {
			m.cursor = i
			return m.write()
		}
	}
	if m.export != nil {
		return m.export.update(msg)
	}
	return nil
}

// Handle runs an action.
func (m *Menu) Handle(a keys.Action) tea.Cmd {
	if m.export != nil {
		return m.export.handle(a)
	}
	for f, action := range formActions {
		if i := slices.Index(m.forms, form(f)); a == action && i >= 0 {
			return m.copyForm(i)
		} else if a == action {
			m.message = "there is no " + forms[f] + " of this"
			return nil
		}
	}
	for p, action := range partActions {
		if a == action {
			return m.choosePart(part(p))
		}
	}
	switch a {
	case keys.Up:
		return m.move(-1)
	case keys.Down:
		return m.move(1)
	case keys.NextField:
		return m.stepPart(1)
	case keys.PreviousField:
		return m.stepPart(-1)
	case keys.Accept, keys.WriteFile:
		m.then = a
		if !m.requests.Busy() {
			return m.proceed()
		}
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: m})
	}
	return nil
}

// The actions of the forms and of the parts, in their order.
var (
	formActions = [formCount]keys.Action{keys.CopyRelaxed, keys.CopyCanonical, keys.CopyPlain, keys.CopyShell,
		keys.CopyUpdate, keys.CopyText, keys.CopyKey, keys.CopyPath}
	partActions = [partCount]keys.Action{keys.ChooseValue, keys.ChooseRow, keys.ChooseDocument, keys.ChooseSelection,
		keys.ChooseDraft}
)

// copyForm copies the chosen part in a form.
func (m *Menu) copyForm(i int) tea.Cmd {
	written := m.content.choice == m.chosen() && i == m.cursor && m.content.text != ""
	m.cursor, m.then = i, keys.Accept
	if written {
		return m.proceed()
	}
	return m.write()
}

func (m *Menu) move(by int) tea.Cmd {
	m.cursor = min(max(0, m.cursor+by), len(m.forms)-1)
	m.then = ""
	return m.write()
}

// stepPart chooses the next or the previous part.
func (m *Menu) stepPart(by int) tea.Cmd {
	n := len(m.parts)
	return m.choosePart(m.parts[(slices.Index(m.parts, m.part)+by+n)%n])
}

// choosePart chooses a part; the form stays if it has it.
func (m *Menu) choosePart(p part) tea.Cmd {
	if !slices.Contains(m.parts, p) {
		m.message = m.Keys.Expand([...]string{"no field is selected", "no field is selected", "",
			"nothing is selected: {document.select-row} selects fields", "no unsaved change is kept"}[p])
		return nil
	}
	f := m.forms[m.cursor]
	m.part, m.forms, m.then = p, m.source.forms(p), ""
	m.cursor = max(0, slices.Index(m.forms, f))
	return m.write()
}

// proceed copies or exports what is written, if that was requested.
func (m *Menu) proceed() tea.Cmd {
	then := m.then
	m.then = ""
	switch {
	case m.fault != nil || then == "":
		return nil
	case then == keys.WriteFile:
		m.export = newExport(m)
		return m.export.complete()
	case m.Limit > 0 && len(m.content.text) > m.Limit:
		m.message = m.Keys.Expand("too large to copy: terminals take about " + model.ByteSize(m.Limit) +
			" (OSC 52); {copy-as.write-file} writes it to a file")
		return nil
	}
	return tea.Batch(nav.Send(nav.Close{Overlay: m}), nav.Send(nav.Copy{Text: m.content.text,
		Label: m.source.describe(m.content.choice)}))
}

// Scope is keys.CopyMenu, or that of the file's path.
func (m *Menu) Scope() keys.Scope {
	if m.export != nil {
		return m.export.scope()
	}
	return keys.CopyMenu
}

// CapturesKeys reports whether the path of a file is being typed.
func (m *Menu) CapturesKeys() bool { return m.export != nil && m.export.scope() == keys.ExportForm }

// Title returns the title of the dialog.
func (m *Menu) Title() model.Visible {
	if m.export != nil {
		return model.Show("write to a file")
	}
	return model.Show("copy as")
}

// HasUnsaved returns false: the path of a file can be typed again.
func (m *Menu) HasUnsaved() bool { return false }
