package edit

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/text"
)

// paster takes JSON that becomes a field of an object, an item of an array, or all fields of the pasted object.
type paster struct {
	e             *Editor
	within        model.Path
	intoArray     bool
	name          text.Line
	nameFocused   bool
	area          text.Area
	validator     validator
	acceptPending bool
	then          Next
	message       string
}

// IsJSON reports whether pasted text is meant as JSON: an object, an array, or another complete value.
func IsJSON(pasted string) bool {
	trimmed := strings.TrimSpace(pasted)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		return true
	}
	_, err := model.ParseJSON(trimmed)
	return len(trimmed) <= maxSyncBytes && err == nil
}

func (t pasteTask) start(e *Editor) tea.Cmd {
	p := &paster{e: e, within: t.within, area: text.NewArea(""),
		validator: validator{requests: request.New(e.Ctx, e.Timeout)}}
	p.area.MaxBytes = 4 * maxDocumentBytes // a value is larger as text than as BSON
	if !e.State.Shows(t.within) {
		p.area.Mask = e.Styles.Glyphs.Mask
	}
	if len(t.within) > 0 {
		if reason := e.blockedReason(t.within); reason != "" {
			return e.refuse(reason)
		}
		v, _ := e.draft.Lookup(t.within)
		if kind := model.KindOf(v); !isNested(kind) {
			return e.refuse(t.within.String() + " cannot contain fields")
		}
		p.intoArray = model.KindOf(v) == model.Array
	}
	p.validator.validation = validate(model.ParseJSON, "")
	show := e.show(p)
	if t.text == "" {
		return show
	}
	replaces := len(e.draft.PendingInputs()) > len(p.baseDraft().PendingInputs())
	show = tea.Batch(show, p.paste(t.text))
	if replaces {
		p.message = e.Keys.Expand("This replaces the JSON that was kept: {document.undo-edit} brings it back.")
	}
	return show
}

func (p *paster) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Response[validation]:
		mine, final := p.validator.handle(m)
		switch {
		case mine && final && p.acceptPending:
			return p.accept()
		case mine && !final:
			return p.validate()
		}
	case tea.KeyPressMsg:
		return p.press(m)
	case tea.PasteMsg:
		return p.paste(m.Content)
	case tea.MouseWheelMsg:
		p.area.Scroll(pane.WheelRows(m, 3))
	}
	return nil
}

func (p *paster) press(m tea.KeyPressMsg) tea.Cmd {
	p.message, p.acceptPending = "", false
	if a, ok := p.e.actionFor(m); ok {
		return p.do(a)
	}
	if p.nameFocused {
		if p.name.HandleKey(m) {
			return p.store()
		}
		return nil
	}
	p.area.Resize(p.e.inner().X - 1)
	if p.area.HandleKey(m) {
		return p.validate()
	}
	return nil
}

func (p *paster) paste(content string) tea.Cmd {
	p.message = ""
	if p.nameFocused {
		p.name.Paste(content)
		return p.store()
	}
	if !p.area.Paste(content) {
		p.message = pasteRefused(content)
		return nil
	}
	return p.validate()
}

func (p *paster) validate() tea.Cmd {
	return tea.Batch(p.validator.check(model.ParseJSON, p.area.ByteLen(), p.area.Value), p.store())
}

func (p *paster) input() model.PendingInput {
	return model.PendingInput{EditTarget: model.TargetPaste, Path: p.within, Name: p.name.Value(), Text: p.area.Value()}
}

func (p *paster) baseDraft() *model.Draft {
	return p.e.draft.WithoutPendingInput(model.PendingInput{EditTarget: model.TargetPaste, Path: p.within})
}

func (p *paster) store() tea.Cmd {
	if !p.unsaved() {
		return p.e.storeDraft(p.baseDraft())
	}
	return p.e.storeTyped(p.baseDraft(), p.area.ByteLen(), p.input)
}

// resume restores stored text.
func (p *paster) resume(t model.PendingInput) tea.Cmd {
	limit, mask := p.area.MaxBytes, p.area.Mask
	p.area = text.NewArea(t.Text)
	p.area.MaxBytes, p.area.Mask = limit, mask
	p.name = text.NewLine(t.Name)
	return p.validate()
}

func (p *paster) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return p.e.cancelled(p.baseDraft(), nil)
	case keys.Discard:
		return p.e.discarded(p.baseDraft(), nil, "nothing was pasted")
	case keys.Accept:
		p.then = keepInDraft
		return p.accept()
	case keys.ReviewDraft:
		p.then = reviewDraft
		return p.accept()
	case keys.NextField, keys.PreviousField:
		p.nameFocused = !p.intoArray && !p.nameFocused
	}
	return nil
}

// accept puts the pasted value into the draft, or explains why it cannot.
func (p *paster) accept() tea.Cmd {
	p.acceptPending = false
	switch {
	case p.validator.pending():
		p.acceptPending = true
		return nil
	case p.validator.fault != nil:
		moveToFault(&p.area, p.validator.fault)
		p.nameFocused, p.message = false, "the text is not valid JSON yet"
		return nil
	case !p.intoArray && !p.merges() && p.name.Value() == "":
		p.nameFocused, p.message = true, "a field needs a name"
		return nil
	}
	next, field, err := p.result(p.baseDraft().Clone())
	if err != nil {
		p.message = p.e.State.FaultText(model.AsFault("", err))
		return nil
	}
	return p.e.accepted(next, p.then, nil, field)
}

// merges reports whether the fields of the pasted object are set, not the object as one field.
func (p *paster) merges() bool {
	return !p.intoArray && p.name.Value() == "" && p.validator.value.Type == bson.TypeEmbeddedDocument
}

// result puts the value into a draft and returns the field to select.
func (p *paster) result(d *model.Draft) (*model.Draft, model.Path, error) {
	v := p.validator.value
	switch {
	case p.intoArray:
		array, _ := d.Lookup(p.within)
		n, err := arrayLength(array)
		if err == nil {
			err = d.Insert(p.within, n, v)
		}
		return d, p.within.Child(fmt.Sprint(n)), err
	case p.merges():
		elements, err := v.Document().Elements()
		if err == nil && len(elements) == 0 {
			err = model.InvalidInputf("", "%s",
				p.e.Keys.Expand("the pasted object is empty: {paste.next-field} names the field that it becomes"))
		}
		if err != nil {
			return d, nil, err
		}
		return d, p.within.Child(elements[0].Key()), d.Merge(p.within, v)
	}
	field := p.within.Child(p.name.Value())
	return d, field, d.Set(field, v)
}

// preview says what the pasted value becomes.
func (p *paster) preview() string {
	v := p.validator.value
	kind := string(model.KindOf(v))
	switch {
	case p.intoArray:
		return "becomes the last item of " + p.within.String() + ": " + kind
	case p.merges():
		return p.previewMerge(v)
	case p.name.Value() == "":
		return kind + p.e.Keys.Expand(": {paste.next-field} names the field that it becomes")
	}
	field := p.within.Child(p.name.Value())
	if old, ok := p.e.draft.Lookup(field); ok {
		return "replaces " + field.String() + " (" + string(model.KindOf(old)) + ") by " + kind
	}
	return "adds " + field.String() + ": " + kind
}

// previewMerge names the fields that a pasted object adds and replaces.
func (p *paster) previewMerge(v bson.RawValue) string {
	elements, err := v.Document().Elements()
	if err != nil {
		return ""
	}
	const maxNamed = 6
	var added, replaced []string
	for i, e := range elements {
		if i == maxNamed {
			return fmt.Sprintf("sets %d fields of %s", len(elements), p.target()) + p.namesOne()
		}
		if _, ok := p.e.draft.Lookup(p.within.Child(e.Key())); ok {
			replaced = append(replaced, e.Key())
		} else {
			added = append(added, e.Key())
		}
	}
	text := ""
	if len(added) > 0 {
		text = "adds " + strings.Join(added, ", ")
	}
	if len(replaced) > 0 {
		text = strings.TrimPrefix(text+"; replaces "+strings.Join(replaced, ", "), "; ")
	}
	return text + " in " + p.target() + p.namesOne()
}

// namesOne names the key with which the pasted object becomes one field.
func (p *paster) namesOne() string {
	return p.e.Keys.Expand("; {paste.next-field} names one field that holds them all")
}

func (p *paster) target() string {
	if len(p.within) == 0 {
		return "the document"
	}
	return p.within.String()
}

func (p *paster) draw(size image.Point) ([]string, *image.Point) {
	s := p.e.Styles
	var lines []string
	var cursor *image.Point
	if !p.intoArray {
		width := max(1, size.X-labelWidth-2)
		prompt := "  "
		if p.nameFocused {
			prompt = s.Prompt.Render(s.Glyphs.Cursor) + " "
			cursor = &image.Point{X: labelWidth + 2 + p.name.Cursor(width)}
		}
		lines = append(lines, " "+s.Muted.Render("name  ")+prompt+s.Input.Render(p.name.View(width)))
	}
	footer := p.footer(size.X)
	area := image.Pt(size.X-1, max(1, size.Y-len(lines)-len(footer)))
	highlight := func(l string) []text.Span { return text.JSONSpans(l, s) }
	if !p.nameFocused {
		at := p.area.Cursor(area).Add(image.Pt(1, len(lines)))
		cursor = &at
	}
	for _, l := range p.area.View(area, faultLine(p.validator.fault), s, highlight) {
		lines = append(lines, " "+l)
	}
	return append(lines, footer...), cursor
}

// footer returns what the text becomes, or why it is not valid.
func (p *paster) footer(width int) []string {
	s := p.e.Styles
	var lines []string
	add := func(message string, render func(string) string) {
		for _, l := range model.Show(message).Wrap(max(1, width-2)) {
			lines = append(lines, " "+render(l.String()))
		}
	}
	switch fault := p.validator.fault; {
	case p.validator.pending():
		add("checking the text"+s.Glyphs.Ellipsis, s.Faint.Render)
	case p.area.ByteLen() == 0:
		add("paste or type extended JSON: an object, an array or another value", s.Faint.Render)
	case fault != nil:
		message := fault.Error()
		if p.area.Mask != "" {
			message = p.e.State.FaultText(fault)
		}
		add(s.Glyphs.Bad+" "+message, s.InputError.Render)
	default:
		add(p.preview(), s.Info.Render)
	}
	if p.message != "" {
		add(p.message, s.Warn.Render)
	}
	return lines
}

func (p *paster) rows(int) int      { return 0 }
func (p *paster) capturing() bool   { return true }
func (p *paster) scope() keys.Scope { return keys.PasteInput }
func (p *paster) title() string     { return "paste JSON into " + p.target() }
func (p *paster) unsaved() bool     { return p.area.ByteLen() > 0 || p.name.Value() != "" }
