package pane

import (
	"image"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/style"
)

// Frame is a border with a title.
type Frame struct {
	Title model.Visible
	Note  model.Visible // right end of the upper border; dropped when it does not fit
	// NoteWithin replaces Note, if not nil: it returns a note of at most width cells, if possible.
	NoteWithin func(width int) model.Visible
	Position   model.Visible // right end of the lower border; dropped when it does not fit
	Focused    bool
	// Tabs replace Title, the one at Active emphasised; those that do not fit are dropped.
	Tabs   []model.Visible
	Active int
}

// Draw returns the frame around a body, size cells in all. Longer body lines are cut, missing ones are empty.
func (f Frame) Draw(s *style.Styles, body string, size image.Point) string {
	if size.X < 2 || size.Y < 2 {
		return ""
	}
	box, line := s.Frame, s.Border
	if f.Focused {
		box, line = s.FrameFocused, s.BorderFocused
	}
	inner := size.X - 2
	var b strings.Builder
	b.Grow(len(body) + size.Y*(size.X+2*sequenceBytes))
	b.WriteString(f.topBorder(s, box, line, inner))
	for range size.Y - 2 {
		var text string
		text, body, _ = strings.Cut(body, "\n")
		b.WriteByte('\n')
		line.Write(&b, box.Left)
		writeFit(&b, text, inner)
		line.Write(&b, box.Right)
	}
	b.WriteByte('\n')
	b.WriteString(bottomBorder(s, box, line, f.Position, inner))
	return b.String()
}

// sequenceBytes is the usual length of the escape sequences of one style.
const sequenceBytes = 24

// writeFit writes a text as Fit returns it.
func writeFit(b *strings.Builder, text string, width int) {
	w := ansi.StringWidthWc(text)
	if w > width {
		text = Fit(text, width)
		w = width
	}
	b.WriteString(text)
	writeSpaces(b, width-w)
}

// writeSpaces writes n spaces.
func writeSpaces(b *strings.Builder, n int) {
	const spaces = "                                                                "
	for ; n > len(spaces); n -= len(spaces) {
		b.WriteString(spaces)
	}
	b.WriteString(spaces[:max(0, n)])
}

// Fit cuts or pads styled text to exactly width cells.
func Fit(text string, width int) string {
	w := ansi.StringWidthWc(text)
	switch {
	case w > width:
		text = ansi.TruncateWc(text, width, "")
		return text + strings.Repeat(" ", max(0, width-ansi.StringWidthWc(text)))
	case w < width:
		return text + strings.Repeat(" ", width-w)
	default:
		return text
	}
}

// Fill returns exactly size cells of styled lines: excess lines are dropped, missing ones are spaces.
func Fill(lines []string, size image.Point) string {
	filled := make([]string, max(0, size.Y))
	for y := range filled {
		line := ""
		if y < len(lines) {
			line = lines[y]
		}
		filled[y] = Fit(line, max(0, size.X))
	}
	return strings.Join(filled, "\n")
}

// Inner returns the size inside a frame.
func Inner(size image.Point) image.Point {
	return image.Pt(max(0, size.X-2), max(0, size.Y-2))
}

func (f Frame) topBorder(s *style.Styles, box lipgloss.Border, line style.Style, inner int) string {
	heading, width := f.heading(s, line, box.Top, inner)
	note := ""
	if f.NoteWithin != nil {
		f.Note = f.NoteWithin(max(0, inner-width-5))
	}
	if w := f.Note.Width(); w > 0 && width+w+5 <= inner {
		note = line.Render(box.Top) + s.Muted.Render(" "+f.Note.String()+" ")
		width += w + 3
		note += line.Render(box.Top)
		width++
	}
	return line.Render(box.TopLeft) + heading + line.Render(strings.Repeat(box.Top, max(0, inner-width))) + note +
		line.Render(box.TopRight)
}

// heading returns the title, or the tabs, and its width.
func (f Frame) heading(s *style.Styles, line style.Style, top string, inner int) (string, int) {
	if len(f.Tabs) > 0 && inner >= 8 {
		return f.tabBar(s, line, top, inner)
	}
	title := f.Title.Clip(max(0, inner-3))
	if title.Width() == 0 || inner < 4 {
		return "", 0
	}
	titleStyle := s.Title
	if f.Focused {
		titleStyle = s.TitleFocused
	}
	return line.Render(top) + titleStyle.Render(" "+title.String()+" "), title.Width() + 3
}

// Tab is the position of a tab in the upper border, in cells from the frame's left edge.
type Tab struct{ From, To, Index int }

// TabsAt returns the tabs that fit a frame of this width, always with the active one.
func (f Frame) TabsAt(width int) []Tab {
	available := width - 4
	first, last, used := f.Active, f.Active, f.Tabs[f.Active].Width()+2
	for added := true; added; {
		added = false
		if last+1 < len(f.Tabs) && used+f.Tabs[last+1].Width()+3 <= available {
			last++
			used += f.Tabs[last].Width() + 3
			added = true
		}
		if first > 0 && used+f.Tabs[first-1].Width()+3 <= available {
			first--
			used += f.Tabs[first].Width() + 3
			added = true
		}
	}
	var found []Tab
	x := 2
	for i := first; i <= last; i++ {
		w := min(f.Tabs[i].Width()+2, max(0, available))
		found = append(found, Tab{From: x, To: x + w, Index: i})
		x += w + 1
	}
	return found
}

func (f Frame) tabBar(s *style.Styles, line style.Style, top string, inner int) (string, int) {
	var b strings.Builder
	width, last := 0, f.Active
	for _, t := range f.TabsAt(inner + 2) {
		tabStyle := s.Title
		if t.Index == f.Active {
			tabStyle = s.TitleFocused
		}
		b.WriteString(line.Render(top))
		b.WriteString(tabStyle.Render(" " + f.Tabs[t.Index].Pad(max(0, t.To-t.From-2)).String() + " "))
		width += 1 + t.To - t.From
		last = t.Index
	}
	if last+1 < len(f.Tabs) && width+2 <= inner {
		b.WriteString(line.Render(top) + s.Title.Render(s.Glyphs.Ellipsis))
		width += 2
	}
	return b.String(), width
}

func bottomBorder(s *style.Styles, box lipgloss.Border, line style.Style, position model.Visible, inner int) string {
	w := position.Width()
	if w == 0 || w+4 > inner {
		return line.Render(box.BottomLeft + strings.Repeat(box.Bottom, inner) + box.BottomRight)
	}
	return line.Render(box.BottomLeft+strings.Repeat(box.Bottom, inner-w-3)) + s.Muted.Render(" "+position.String()+" ") +
		line.Render(box.Bottom+box.BottomRight)
}
