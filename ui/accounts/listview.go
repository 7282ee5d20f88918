package accounts

import (
	"fmt"
	"image"
	"strings"
	"time"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// The rows above the accounts, and the rows of each.
const (
	headerRows     = 1
	rowsPerAccount = 2
)

// View draws the list.
func (l *List) View(size image.Point) string {
	s := l.Styles
	lines := []string{""}
	if len(l.accounts) == 0 {
		lines = append(lines, " "+s.Muted.Render(l.Keys.Expand("No accounts on this machine; {accounts.sign-in} signs in.")))
	}
	from, to := l.scroll.VisibleRows()
	for i := from; i < to; i++ {
		lines = append(lines, l.row(i, size.X)...)
	}
	return pane.Fill(append(lines, l.footer(size.X)...), size)
}

// row draws one account on two lines.
func (l *List) row(i, width int) []string {
	s, a := l.Styles, l.accounts[i]
	cursor, nameStyle := "  ", s.Text
	if i == l.scroll.Selected {
		cursor, nameStyle = s.Prompt.Render(s.Glyphs.Cursor)+" ", s.Strong
	}
	state := s.Faint.Render("signed out")
	switch {
	case l.isShown(a) && l.signedIn(a):
		state = s.Good.Render(s.Glyphs.Good + " current")
	case l.signedIn(a):
		state = s.Muted.Render(l.lastUsed(a.LastUsed, l.Now))
	}
	available := max(1, width-22)
	first := cursor + nameStyle.Render(l.State.AccountName(a).Pad(available).String()) + "  " + state
	where := fmt.Sprintf("%s %s %s %s %s", formFor(a.Provider).title, s.Glyphs.Separator, a.AppID, s.Glyphs.Separator,
		a.Server)
	return []string{first, "  " + s.Muted.Render(model.Show(where).Clip(max(1, width-3)).String())}
}

// ClockText returns when the accounts were used, as it is written at a time.
func (l *List) ClockText(now time.Time) string {
	var b strings.Builder
	for _, a := range l.State.Accounts {
		b.WriteString(l.lastUsed(a.LastUsed, now) + "\n")
	}
	return b.String()
}

// lastUsed returns how long before now an account was used.
func (l *List) lastUsed(at, now time.Time) string {
	d := now.Sub(at)
	switch {
	case at.IsZero():
		return "signed in"
	case d < time.Minute:
		return "used just now"
	case d < time.Hour:
		return fmt.Sprintf("used %d min ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("used %d h ago", d/time.Hour)
	}
	return "used " + at.In(now.Location()).Format("2 Jan 2006")
}

func (l *List) footer(width int) []string {
	s := l.Styles
	switch {
	case l.progress != "":
		return []string{" " + s.Warn.Render(l.progress+s.Glyphs.Ellipsis)}
	case l.fault != nil:
		return faultLines(s, l.State.FaultText(l.fault), width)
	case l.confirming:
		name := l.State.AccountName(l.accounts[l.scroll.Selected])
		question := model.Concat(model.Show("Sign out "), name,
			model.Show(l.Keys.Expand("? {sign-out.accept} signs out, {sign-out.cancel} cancels.")))
		if !l.signedIn(l.accounts[l.scroll.Selected]) {
			question = model.Concat(model.Show("Remove "), name,
				model.Show(l.Keys.Expand(" and its unsaved changes from this machine? {remove-account.accept} removes, "+
					"{remove-account.cancel} cancels.")))
		}
		var lines []string
		for _, w := range question.Wrap(max(1, width-2)) {
			lines = append(lines, " "+s.Warn.Render(w.String()))
		}
		return lines
	}
	return nil
}

// faultLines returns a fault as wrapped lines.
func faultLines(s *style.Styles, fault string, width int) (lines []string) {
	for _, w := range model.Show(s.Glyphs.Bad + " " + fault).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Bad.Render(w.String()))
	}
	return lines
}

// Size fits the accounts.
func (l *List) Size(screen image.Point) image.Point {
	return dialogSize(screen, 76, headerRows+rowsPerAccount*max(1, len(l.accounts))+5)
}

// dialogSize limits a dialog to the screen, one row free above and below; on a narrow screen it takes the full width.
func dialogSize(screen image.Point, width, height int) image.Point {
	if screen.X < 70 {
		width = screen.X
	}
	return image.Pt(min(width, screen.X), min(height, screen.Y-2))
}
