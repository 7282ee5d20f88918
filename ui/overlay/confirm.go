package overlay

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// Option is one answer of a Confirm.
type Option struct {
	Text string
	Run  tea.Cmd // nil: only close
}

// Confirm asks for confirmation of something irreversible. Its first option is the safe one.
type Confirm struct {
	styles   *style.Styles
	title    string
	text     string
	options  []Option
	selected int
	size     image.Point
}

var _ pane.Overlay = (*Confirm)(nil)

// NewConfirm returns the dialog. The text is raw.
func NewConfirm(s *style.Styles, title, text string, options ...Option) *Confirm {
	return &Confirm{styles: s, title: title, text: text, options: options}
}

// Update handles styles, sizes and clicks. A click only selects an option; Enter accepts it.
func (c *Confirm) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		c.styles = m.Styles
	case pane.Resized:
		c.size = m.Size
	case tea.MouseClickMsg:
		if row := m.Y - len(c.wrappedText(c.size.X)) - 2; row >= 0 && row < len(c.options) {
			c.selected = row
		}
	}
	return nil
}

// Handle moves the selection, accepts the selected option, or closes.
func (c *Confirm) Handle(a keys.Action) tea.Cmd {
	switch a {
	case keys.Up, keys.PreviousPane:
		c.selected = max(0, c.selected-1)
	case keys.Down, keys.NextPane:
		c.selected = min(len(c.options)-1, c.selected+1)
	case keys.Accept:
		return tea.Batch(nav.Send(nav.Close{Overlay: c}), c.options[c.selected].Run)
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: c})
	}
	return nil
}

// Size returns a width at which a sentence is easy to read.
func (c *Confirm) Size(screen image.Point) image.Point {
	width := pane.FitWidth(64, screen.X)
	return image.Pt(width, min(screen.Y, len(c.wrappedText(width-2))+len(c.options)+5))
}

func (c *Confirm) wrappedText(width int) []model.Visible {
	return model.Show(c.text).Wrap(max(1, width-4))
}

// View draws the question and its options.
func (c *Confirm) View(size image.Point) string {
	lines := []string{""}
	for _, line := range c.wrappedText(size.X) {
		lines = append(lines, "  "+c.styles.Text.Render(line.String()))
	}
	lines = append(lines, "")
	for i, o := range c.options {
		sign, optionStyle := " ", c.styles.Text
		if i == c.selected {
			sign, optionStyle = c.styles.Glyphs.Cursor, c.styles.Selected
		}
		lines = append(lines, "  "+optionStyle.Render(sign+" "+model.Show(o.Text).Pad(max(0, size.X-6)).String()))
	}
	return pane.Lines(lines, size.Y)
}

// Cursor returns nil: there is no text field.
func (c *Confirm) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text field.
func (c *Confirm) CapturesKeys() bool { return false }

// Scope is keys.Dialog: it needs no keys of its own.
func (c *Confirm) Scope() keys.Scope { return keys.Dialog }

// Title returns the frame's title.
func (c *Confirm) Title() model.Visible { return model.Show(c.title) }

// HasUnsaved returns false: there is no text field.
func (c *Confirm) HasUnsaved() bool { return false }
