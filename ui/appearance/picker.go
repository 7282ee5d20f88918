package appearance

import (
	"image"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Config is the configuration of the dialog.
type Config struct {
	Themes  []themes.Theme
	Styles  *style.Styles // of the current theme, restored on cancel
	Options style.Options
	Save    func(name string) error // stores the choice; called outside the event loop
	Screen  image.Point             // size of the terminal
}

var _ pane.Overlay = (*Picker)(nil)

// Picker is the dialog.
type Picker struct {
	Config
	original *style.Styles
	selected int
	dark     bool
}

// New returns the dialog with the current theme selected.
func New(c Config) *Picker {
	p := &Picker{Config: c, original: c.Styles, dark: c.Styles.Dark}
	p.selected = max(0, slices.IndexFunc(c.Themes, func(t themes.Theme) bool { return t.Name == c.Styles.Name }))
	return p
}

// Update handles style changes, sizes and the mouse.
func (p *Picker) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		p.Styles = m.Styles
	case tea.WindowSizeMsg:
		p.Screen = image.Pt(m.Width, m.Height)
	case tea.MouseWheelMsg:
		if n := pane.WheelRows(m, 1); n != 0 {
			return p.selectTheme(p.selected + n)
		}
	case tea.MouseClickMsg:
		if i := m.Y - headerRows + p.firstVisible(pane.Inner(p.Size(p.Screen)).Y); m.Y >= headerRows && i < len(p.Themes) {
			return p.selectTheme(i)
		}
	}
	return nil
}

// selectTheme selects a theme and previews it.
func (p *Picker) selectTheme(at int) tea.Cmd {
	at = min(max(0, at), len(p.Themes)-1)
	if at == p.selected || at < 0 {
		return nil
	}
	p.selected = at
	return p.preview()
}

func (p *Picker) preview() tea.Cmd {
	return nav.Send(style.Changed{Styles: style.New(p.Themes[p.selected], p.dark, p.Options)})
}

// Names returns the names of the themes.
func (p *Picker) Names() (names []string, selected int) {
	for _, t := range p.Themes {
		names = append(names, t.Name)
	}
	return names, p.selected
}

// SelectName selects a theme and previews it.
func (p *Picker) SelectName(i int) tea.Cmd { return p.selectTheme(i) }

// Handle performs an action.
func (p *Picker) Handle(a keys.Action) tea.Cmd {
	const page = 5
	switch a {
	case keys.Up:
		return p.selectTheme(p.selected - 1)
	case keys.Down:
		return p.selectTheme(p.selected + 1)
	case keys.PageUp:
		return p.selectTheme(p.selected - page)
	case keys.PageDown:
		return p.selectTheme(p.selected + page)
	case keys.Top:
		return p.selectTheme(0)
	case keys.Bottom:
		return p.selectTheme(len(p.Themes) - 1)
	case keys.Cancel:
		return tea.Batch(nav.Send(style.Changed{Styles: p.original}), nav.Send(nav.Close{Overlay: p}))
	case keys.Accept:
		return p.accept()
	}
	return nil
}

// accept stores the selected theme.
func (p *Picker) accept() tea.Cmd {
	if len(p.Themes) == 0 {
		return nav.Send(nav.Close{Overlay: p})
	}
	name, save := p.Themes[p.selected].Name, p.Save
	keep := func() tea.Msg {
		if err := save(name); err != nil {
			return nav.ShowFault{Fault: model.AsFault("save the theme", err)}
		}
		return nav.Notify{Text: state.Public("theme " + name), Success: true}
	}
	return tea.Batch(p.preview(), keep, nav.Send(nav.Close{Overlay: p}))
}

// headerRows is the number of rows above the themes.
const headerRows = 1

// firstVisible returns the index of the first visible theme.
func (p *Picker) firstVisible(height int) int {
	fit := max(1, height-headerRows-sampleRows)
	return max(0, min(p.selected-fit/2, len(p.Themes)-fit))
}

// sampleRows is the number of rows of the sample below the list.
const sampleRows = 5

// View draws the list and a sample; both are in the selected theme, as is the whole screen.
func (p *Picker) View(size image.Point) string {
	s := p.Styles
	lines := []string{""}
	fit := max(1, size.Y-headerRows-sampleRows)
	names := 0
	for _, t := range p.Themes {
		names = max(names, model.Show(t.Name).Width())
	}
	for i := p.firstVisible(size.Y); i < len(p.Themes) && len(lines) < headerRows+fit; i++ {
		name := model.Show(p.Themes[i].Name).Pad(min(names, 20))
		about := model.Show(p.Themes[i].About).Clip(max(1, size.X-name.Width()-6)).String()
		if i == p.selected {
			lines = append(lines, " "+s.Prompt.Render(s.Glyphs.Cursor)+" "+s.Strong.Render(name.String())+"  "+
				s.Text.Render(about))
		} else {
			lines = append(lines, "   "+s.Text.Render(name.String())+"  "+s.Faint.Render(about))
		}
	}
	return pane.Fill(append(lines, sampleLines(s)...), size)
}

// sampleLines shows what the colours mean.
func sampleLines(s *style.Styles) []string {
	arrow := " " + s.Muted.Render(s.Glyphs.Arrow) + " "
	return []string{
		"",
		" " + s.FieldName.Render("favoriteColor") + "  " + s.StringValue.Render(`"pink"`) + arrow +
			s.StringValue.Render(`"teal"`) + "  " + s.FieldType.Render("string"),
		" " + s.FieldName.Render("visits") + "  " + s.NumberValue.Render("42") + "  " + s.DateValue.Render("2026-11-22") +
			"  " + s.BoolValue.Render("true") + "  " + s.NullValue.Render("null"),
		" " + s.Good.Render("equals the database") + "  " + s.Warn.Render("2 fields outdated") + "  " +
			s.Bad.Render("unreachable"),
		" " + s.Added.Render(s.Glyphs.Added+" added") + "  " + s.Removed.Render(s.Glyphs.Removed+" removed") + "  " +
			s.Modified.Render(s.Glyphs.Stale+" changed"),
	}
}

// Size fits the themes.
func (p *Picker) Size(screen image.Point) image.Point {
	width := 64
	if screen.X < 70 {
		width = screen.X
	}
	return image.Pt(min(width, screen.X), min(len(p.Themes)+headerRows+sampleRows+3, screen.Y-2))
}

// Cursor returns nil: there is no text field.
func (p *Picker) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text field.
func (p *Picker) CapturesKeys() bool { return false }

// Scope is keys.Themes.
func (p *Picker) Scope() keys.Scope { return keys.Themes }

// Title returns the frame's title.
func (p *Picker) Title() model.Visible { return model.Show("themes") }

// HasUnsaved returns false: there is no text field.
func (p *Picker) HasUnsaved() bool { return false }
