package edit

import (
	"image"
	"strings"
	"time"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/style"
)

// labelWidth is the width of the labels in front of the rows.
const labelWidth = 7

func (f *form) draw(size image.Point) ([]string, *image.Point) {
	lines, nameAt := f.header(size.X)
	cursor := nameAt
	footer := f.footer(size.X)
	inputSize := image.Pt(size.X-labelWidth, max(1, size.Y-len(lines)))
	margin := strings.Repeat(" ", labelWidth)
	first := " " + f.e.Styles.Muted.Render("value") + " "
	if f.input.area != nil { // a text area takes the full width and the remaining height
		lines = append(lines, "")
		inputSize = image.Pt(size.X-1, max(3, size.Y-len(lines)-len(footer)))
		margin, first = " ", " "
	}
	rows, where := f.input.draw(inputSize, !f.nameFocused, faultLine(f.validator.fault), f.e.Styles)
	if where != nil {
		cursor = &image.Point{X: len(margin) + where.X, Y: len(lines) + where.Y}
	}
	for i, r := range rows {
		if i == 0 {
			lines = append(lines, first+r)
		} else {
			lines = append(lines, margin+r)
		}
	}
	return append(lines, footer...), cursor
}

// label names what the form edits.
func (f *form) label() string {
	switch {
	case !f.isElement:
		return "field"
	case f.at < f.length:
		return "before"
	}
	return "item"
}

// click moves the cursor of a text area.
func (f *form) click(at image.Point) {
	if f.input.area == nil {
		return
	}
	size := f.e.inner()
	header, _ := f.header(size.X)
	origin := image.Pt(1, len(header)+1)
	inputSize := image.Pt(size.X-1, max(3, size.Y-origin.Y-len(f.footer(size.X))))
	if at = at.Sub(origin); at.In(image.Rectangle{Max: inputSize}) {
		f.nameFocused = false
		f.input.area.Click(at, inputSize)
	}
}

// header returns the rows above the input: notices, path or name, type, and the value in the database.
func (f *form) header(width int) (lines []string, name *image.Point) {
	s := f.e.Styles
	row := func(label, content string) {
		lines = append(lines, " "+s.Muted.Render(model.Show(label).Pad(labelWidth-1).String())+content)
	}
	for _, n := range f.notices {
		for _, l := range model.Show(n).Wrap(max(1, width-4)) {
			lines = append(lines, " "+s.Warn.Render(s.Glyphs.Stale+" "+l.String()))
		}
	}
	if f.editsName {
		if f.nameFocused {
			name = &image.Point{X: labelWidth + 2 + f.name.Cursor(max(1, width-labelWidth-2)), Y: len(lines)}
			row("name", s.Prompt.Render(s.Glyphs.Cursor)+" "+s.Input.Render(f.name.View(max(1, width-labelWidth-2))))
		} else {
			row("name", "  "+s.FieldName.Render(f.name.View(max(1, width-labelWidth-2))))
		}
	} else {
		row(f.label(), "  "+s.FieldName.Render(model.Show(f.path.String()).Clip(max(1, width-labelWidth-2)).String()))
	}
	row("type", "  "+f.typeText())
	if !f.old.IsZero() {
		row("now", "  "+valueStyle(s, f.old).Render(f.e.display(f.path, f.old).Clip(max(1, width-labelWidth-2)).String()))
	}
	return lines, name
}

// typeText names the type, and the previous type if it changes.
func (f *form) typeText() string {
	s := f.e.Styles
	if oldKind := model.KindOf(f.old); !f.old.IsZero() && oldKind != f.input.kind {
		return s.Modified.Render(string(f.input.kind)) + s.Warn.Render("  changes the type, was "+string(oldKind))
	}
	return s.FieldType.Render(string(f.input.kind))
}

// footer returns the rows below the input: faults, explanations and messages.
func (f *form) footer(width int) []string {
	margin := strings.Repeat(" ", labelWidth+2)
	if f.input.area != nil {
		return f.footerLines(" ", max(1, width-2))
	}
	return f.footerLines(margin, max(1, width-len(margin)))
}

// footerLines returns the footer behind a margin, in lines of at most textWidth cells.
func (f *form) footerLines(margin string, textWidth int) []string {
	s := f.e.Styles
	var lines []string
	addText := func(message string, textStyle style.Style) {
		for _, l := range model.Show(message).Wrap(textWidth) {
			lines = append(lines, margin+textStyle.Render(l.String()))
		}
	}
	fault := f.validator.fault
	switch {
	case f.validator.pending():
		addText("checking the value"+s.Glyphs.Ellipsis, s.Faint)
	case fault != nil && f.input.kind == model.Bool, fault != nil && f.input.size() == 0:
		addText(f.faultText(fault), s.Faint)
	case fault != nil:
		addText(s.Glyphs.Bad+" "+f.faultText(fault), s.InputError)
	default:
		if note := f.explanation(f.e.Now); note != "" {
			addText(note, s.Faint)
		}
	}
	if f.nameFault != nil && f.name.Value() != "" {
		addText(s.Glyphs.Bad+" "+f.nameFault.Error(), s.InputError)
	}
	if f.message != "" {
		addText(f.message, s.Warn)
	}
	if f.similar != "" {
		addText(f.similar, s.Warn)
	}
	lines = append(lines, f.hintLines(margin, textWidth)...)
	if f.resumed {
		addText("This is the kept draft of this field.", s.Info)
	}
	return lines
}

// explanation describes a valid value where its text is ambiguous; empty otherwise, and for masked values.
func (f *form) explanation(now time.Time) string {
	if f.validator.pending() || f.validator.fault != nil {
		return ""
	}
	v := f.validator.value
	switch shown := f.e.State.Shows(f.path); {
	case !shown && f.input.line.Hidden:
		return "masked: typing adds to the hidden text, ctrl+u deletes it"
	case !shown:
		return ""
	}
	switch f.input.kind {
	case model.Date:
		if f.isRelativeDate() {
			return describeRelativeDate(f.input.value(), now)
		}
		if model.LacksTimeZone(f.input.value()) {
			return "UTC, as no zone is named; " + describeDate(v.Time(), now)
		}
		return describeDate(v.Time(), now)
	case model.ObjectID:
		return "created " + strings.TrimPrefix(describeDate(v.ObjectID().Timestamp(), now), "= ")
	case model.String:
		if f.input.size() > maxInlineBytes || !f.old.IsZero() {
			return ""
		}
		if kind := guessKind(f.input.value()); kind != "" {
			return "this is a string; " + f.e.Keys.KeyOf(keys.Field, keys.ChangeType) + " changes the type to " + string(kind)
		}
	}
	return ""
}

// guessKind returns the kind that the text of a new field probably has; empty: string.
func guessKind(typed string) model.Kind {
	for _, k := range []model.Kind{model.Bool, model.Int, model.Long, model.Double, model.UUID, model.ObjectID,
		model.Object, model.Array} {
		if _, err := model.Parse(k, typed); err == nil {
			return k
		}
	}
	if len(typed) > len("2026") && strings.Contains(typed, "-") {
		if _, err := model.Parse(model.Date, typed); err == nil {
			return model.Date
		}
	}
	return ""
}

// rows reserves a minimum for the footer, whose height changes while typing.
func (f *form) rows(width int) int {
	if f.input.area != nil {
		return 0
	}
	header, _ := f.header(width)
	const minFooter = 3
	return len(header) + 1 + max(minFooter, len(f.footer(width)))
}
