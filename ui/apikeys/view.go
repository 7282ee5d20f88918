package apikeys

import (
	"image"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/pane"
)

// headerRows is the number of rows above the keys.
const headerRows = 1

// View draws the current step.
func (d *Dialog) View(size image.Point) string {
	switch d.step {
	case stepName:
		lines, _ := d.nameView(size)
		return pane.Fill(lines, size)
	case stepCreated, stepLeave:
		return pane.Fill(d.secretView(size), size)
	}
	below := d.status(size.X)
	lines := d.rows(image.Pt(size.X, size.Y-len(below)-1))
	if len(lines) > headerRows {
		lines = append(lines, "")
	}
	return pane.Fill(append(lines[:min(len(lines), max(0, size.Y-len(below)))], below...), size)
}

// The widths of the columns beside the name, without the gaps.
const (
	idWidth    = 14
	stateWidth = 8
	dateWidth  = 19
)

func (d *Dialog) rows(size image.Point) []string {
	s := d.Styles
	lines := []string{""}
	if reason := d.refusal(); len(d.list) == 0 && d.listed && reason != "" && d.fault == nil {
		return append(lines, pane.Wrapped(s.Muted, reason, size.X-2)...)
	}
	if len(d.list) == 0 && d.listed && d.fault == nil {
		return append(lines, pane.Wrapped(s.Muted, d.Keys.Expand("No API keys. A program signs in with a key as this user; "+
			"{api-keys.create} creates one."), size.X-2)...)
	}
	name := size.X - 5 - idWidth - stateWidth - 4
	dated := name-dateWidth-2 >= 16
	if dated {
		name -= dateWidth + 2
	}
	for i := d.scroll.Top; i < len(d.list) && len(lines) < size.Y; i++ {
		k := d.list[i]
		prompt, how, on := "   ", s.Text, s.Good.Render(model.Show("enabled").Pad(stateWidth).String())
		if i == d.scroll.Selected {
			prompt, how = " "+s.Prompt.Render(s.Glyphs.Cursor)+" ", s.Strong
		}
		if k.Disabled {
			on = s.Muted.Render(model.Show("disabled").Pad(stateWidth).String())
		}
		line := prompt + how.Render(model.Show(k.Name).Pad(max(1, name)).String()) + "  " +
			s.Muted.Render(d.State.ShortID(k.ID).Pad(idWidth).String()) + "  " + on
		if dated && !k.CreatedAt.IsZero() {
			line += "  " + s.Faint.Render("created "+k.CreatedAt.Format("2 Jan 2006"))
		}
		lines = append(lines, line)
	}
	return lines
}

// status says what happens, why something was not done, or asks the question of the step.
func (d *Dialog) status(width int) []string {
	s := d.Styles
	switch {
	case d.requests.Busy():
		return pane.Wrapped(s.Warn, d.progress+s.Glyphs.Ellipsis, width-2)
	case d.fault != nil:
		return pane.Wrapped(s.Bad, s.Glyphs.Bad+" "+d.State.FaultText(d.fault), width-2)
	case d.step == stepDelete:
		return pane.Wrapped(s.Warn, "Delete the API key "+strconv.Quote(d.list[d.scroll.Selected].Name)+"? "+
			d.Keys.Expand("Programs that use it are signed out and cannot sign in again. {delete-api-key.accept} deletes it, "+
				"{delete-api-key.cancel} keeps it."), width-2)
	}
	return nil
}

const labelWidth = 7

func (d *Dialog) nameView(size image.Point) (lines []string, cursor int) {
	s := d.Styles
	available := max(1, size.X-labelWidth-3)
	lines = []string{"", " " + s.Muted.Render(model.Show("name").Pad(labelWidth-1).String()) +
		s.Prompt.Render(s.Glyphs.Cursor) + " " + s.Input.Render(d.name.View(available)), ""}
	if status := d.status(size.X); status != nil {
		lines = append(lines, status...)
	} else {
		lines = append(lines, pane.Wrapped(s.Faint, "The key is shown once, after it was created.", size.X-2)...)
	}
	return lines, labelWidth + 2 + d.name.Cursor(available)
}

// secretView shows the text of the new key.
func (d *Dialog) secretView(size image.Point) []string {
	s := d.Styles
	lines := append([]string{""}, pane.Wrapped(s.Text, "The API key "+strconv.Quote(d.created.Name)+
		" was created. It is shown only now.", size.X-2)...)
	lines = append(lines, "")
	shown := d.secret.text
	if d.State.Masked && !d.revealed {
		shown = d.State.Text(shown).String()
	}
	lines = append(lines, pane.Wrapped(s.Strong, shown, size.X-2)...)
	lines = append(lines, "")
	switch {
	case d.step == stepLeave:
		what := "The key was not copied"
		if d.sent {
			what = "The key was sent to the terminal, which may have ignored it,"
		}
		return append(lines, pane.Wrapped(s.Warn, d.Keys.Expand(what+" and cannot be shown again. "+
			"{forget-api-key.discard} closes it, {forget-api-key.cancel} goes back."), size.X-2)...)
	case d.State.Masked && !d.revealed:
		return append(lines, pane.Wrapped(s.Faint, d.Keys.Expand("Masked: {created-api-key.reveal-value} shows it."),
			size.X-2)...)
	case d.saved:
		return append(lines, " "+s.Good.Render(s.Glyphs.Good)+strings.Join(pane.Wrapped(s.Muted,
			"Copied.", size.X-4), ""))
	case d.sent:
		return append(lines, pane.Wrapped(s.Faint, "Sent to the clipboard; paste it to be sure.", size.X-2)...)
	}
	return append(lines, pane.Wrapped(s.Faint, "Only programs that must sign in as this user should have it.",
		size.X-2)...)
}

// Cursor returns the position of the text cursor.
func (d *Dialog) Cursor() *tea.Cursor {
	if d.step != stepName || d.requests.Busy() {
		return nil
	}
	_, x := d.nameView(pane.Inner(d.Size(d.Screen)))
	return tea.NewCursor(x, 1)
}

// Size fits the keys.
func (d *Dialog) Size(screen image.Point) image.Point {
	const width, frame, status, least = 84, 2, 4, 11
	return image.Pt(pane.FitWidth(width, screen.X), min(max(least, headerRows+len(d.list)+status+frame), screen.Y-1))
}

// Note returns the number of keys.
func (d *Dialog) Note() model.Visible {
	if !d.listed || len(d.list) == 0 {
		return model.Visible{}
	}
	return model.Show(strconv.Itoa(len(d.list)))
}
