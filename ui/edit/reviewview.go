package edit

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/keys"
)

// maxCallBytes is the maximal length of the displayed call, in bytes.
const maxCallBytes = 16 << 10

// reviewLine is a styled row of the review and the change it belongs to.
type reviewLine struct {
	text   string
	change int // an index into plan.changes; -1: none
}

// lines returns all rows of the review at a width.
func (r *review) lines(width int) []reviewLine {
	s := r.e.Styles
	var out []reviewLine
	add := func(change int, texts ...string) {
		for _, t := range texts {
			out = append(out, reviewLine{t, change})
		}
	}
	addText := func(render func(string) string, message string) {
		for _, l := range model.Show(message).Wrap(max(1, width-2)) {
			add(-1, " "+render(l.String()))
		}
	}
	if r.fault != nil {
		add(-1, r.e.faultLines(r.fault, width)...)
		addText(s.Muted.Render, r.advice())
		add(-1, "")
	}
	if r.notice != "" {
		addText(s.Warn.Render, r.notice)
		add(-1, "")
	}
	if !r.ready {
		if r.fault == nil {
			addText(s.Muted.Render, "preparing the update"+s.Glyphs.Ellipsis)
		}
		return out
	}
	names := 0
	for _, c := range r.plan.changes {
		names = max(names, model.Show(c.Path.String()).Width())
	}
	out = append(out, r.changeRows(width, names)...)
	add(-1, "")
	for _, note := range r.unseenNotes() {
		addText(s.Warn.Render, s.Glyphs.Stale+" "+note)
	}
	for _, note := range r.notes() {
		addText(s.Info.Render, note)
	}
	addText(s.Muted.Render, r.guardNote())
	addText(s.Info.Render, r.serviceNote())
	for _, l := range r.callLines(width) {
		add(-1, l)
	}
	return out
}

// guardNote names what the save compares before it writes.
func (r *review) guardNote() string {
	if r.plan.update.Upsert {
		return "guarded by: no document of this user exists"
	}
	guards := []string{"id"}
	base := r.plan.draft.Base()
	add := func(names ...string) {
		for _, name := range names {
			if !slices.Contains(guards, name) {
				guards = append(guards, name)
			}
		}
	}
	for _, x := range r.plan.update.Edits {
		if old, existed := x.Path.Lookup(base); existed && isNested(model.KindOf(old)) {
			add("whole old value")
		} else if existed {
			add("old value", "type")
		}
	}
	for _, x := range r.plan.update.Edits {
		if _, existed := x.Path.Lookup(base); !existed {
			add("absence of new fields")
		}
	}
	if r.plan.update.GuardsItems() {
		add("the other fields of the item")
	}
	return "guarded by: " + strings.Join(guards, ", ")
}

// callLines returns the exact call, folded or not.
func (r *review) callLines(width int) (lines []string) {
	s := r.e.Styles
	if !r.isOpen {
		return []string{" " + s.Muted.Render(s.Glyphs.Folded+" updateOne(filter, update)  "+r.key(keys.Toggle)+" shows it")}
	}
	for i, l := range visibleCall(r.plan.call) {
		for _, w := range l.Wrap(max(1, width-4)) {
			mark := "  "
			if i == 0 {
				mark = s.Muted.Render(s.Glyphs.Open) + " "
			}
			lines = append(lines, " "+mark+s.Text.Render(w.String()))
		}
	}
	if more := len(r.plan.call) - maxCallBytes; more > 0 {
		lines = append(lines, " "+s.Muted.Render(fmt.Sprintf("%s and %d more bytes", s.Glyphs.Ellipsis, more)))
	}
	return lines
}

// visibleCall returns the visible lines of the call.
func visibleCall(call string) []model.Visible {
	if len(call) > maxCallBytes {
		call = strings.ToValidUTF8(call[:maxCallBytes], "")
	}
	return model.ShowLines(call)
}

// notes describes effects of the update that its changes do not show, and limits of its guard.
func (r *review) notes() []string {
	notes := r.orderNotes()
	if r.plan.update.Upsert {
		notes = append(notes, "There is no document yet: saving creates it.")
	}
	if t, ok := r.e.task.(undoTask); ok && len(t.changed) > 0 {
		notes = append(notes, "Left alone, because it was changed again after the save: "+pathNames(t.changed)+".")
	}
	if note := r.e.requiredNote(r.plan.update.Edits); note != "" {
		notes = append(notes, note)
	}
	for _, t := range r.plan.draft.PendingInputs() {
		notes = append(notes, "Kept for later, not in this save: "+r.e.describeTyped(t)+".")
	}
	var nested []string
	for _, x := range r.plan.update.Edits {
		if old, ok := x.Path.Lookup(r.plan.draft.Base()); ok && isNested(model.KindOf(old)) {
			nested = append(nested, x.Path.String())
		}
	}
	if len(nested) > 0 {
		note := " is compared as a whole; 1 and 1.0 inside count as the same."
		if len(nested) > 1 {
			note = " are each compared as a whole; 1 and 1.0 inside count as the same."
		}
		notes = append(notes, strings.Join(nested, ", ")+note)
	}
	return notes
}

// serviceNote describes how the service runs the call: it recomputes every user's update of custom data under the rules
// and writes the result by its own command. The user id field, without which there is no update, is in the profile
// that only this service sends.
func (r *review) serviceNote() string {
	if r.plan.update.Upsert {
		return "The service checks the rules and inserts the resulting document."
	}
	return "The service checks its rules and applies this updateOne with the same guards."
}

// advice describes what the user can do about the fault, in addition to the fault's own advice.
func (r *review) advice() string {
	switch r.fault.Kind {
	case model.PermissionDenied:
		if !r.e.storesDraft() {
			return "Nothing was written."
		}
		return "Nothing was written. " + r.key(keys.CallFunction) +
			" sends the change to a function of the application, which may have more permissions."
	case model.SignedOut:
		return "Nothing typed is lost: sign in again, then press " + r.key(keys.Retry) + "."
	case model.Unreachable:
		return "Nothing typed is lost: " + r.key(keys.Retry) + " tries again. A save is never applied twice."
	}
	return "Nothing typed is lost: " + r.key(keys.Retry) + " tries again."
}

func (r *review) draw(size image.Point) ([]string, *image.Point) {
	s := r.e.Styles
	heading := " " + s.Muted.Render("for ") + s.Strong.Render(r.userName().Clip(max(1, size.X-6)).String())
	if target := r.destination(); ansi.StringWidthWc(heading)+target.Width()+1 < size.X {
		heading += s.Muted.Render(target.String())
	}
	if r.saving {
		heading = " " + s.Warn.Render("saving"+s.Glyphs.Ellipsis+r.e.Keys.Expand(" {waiting.cancel} stops waiting"))
	}
	rows := r.lines(size.X)
	height := max(1, size.Y-1)
	top := r.firstRow(height, len(rows))
	out := []string{heading}
	for i := top; i < len(rows) && len(out) <= height; i++ {
		text := rows[i].text
		if i == r.cursor && rows[i].change >= 0 {
			text = s.Prompt.Render(s.Glyphs.Cursor) + strings.TrimPrefix(text, " ")
		}
		out = append(out, text)
	}
	return out, nil
}

// userName returns the owner of the document, masked if necessary.
func (r *review) userName() model.Visible { return r.e.State.UserName() }

// destination returns the collection and the server that the update goes to.
func (r *review) destination() model.Visible {
	c := r.e.State.App().CustomData
	if !c.Complete() {
		return model.Show("")
	}
	return model.Show(", in " + c.Database + "." + c.Collection + " of " + cmp.Or(r.e.Service, r.e.State.Account.Server))
}

// position returns "more below" or "the end"; empty if all rows fit.
func (r *review) position(size image.Point) model.Visible {
	n, height := len(r.lines(size.X)), max(1, size.Y-1)
	switch {
	case n <= height:
		return model.Visible{}
	case r.firstRow(height, n)+height < n:
		return model.Show("more below")
	}
	return model.Show("the end")
}

// firstRow returns the index of the first visible row; the selected row is visible.
func (r *review) firstRow(height, n int) int { return max(0, min(r.cursor-height/2, n-height)) }
