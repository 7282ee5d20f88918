package ui

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/accounts"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/state"
	"dossier/ui/style"
)

// maxRecent is the number of items that the palette shows as recently used.
const maxRecent = 5

// What the user chose in the palette.
type (
	entryChosen   struct{ entry keys.Entry }
	themeChosen   struct{ name string }
	accountChosen struct{ id string }
	pathChosen    struct{ path model.Path }
)

// openPalette opens the palette on what can be chosen now.
func (m *Model) openPalette() tea.Cmd {
	items := slices.Concat(m.actionItems(), m.functionItems(), m.accountItems(), m.themeItems())
	return m.open(overlay.NewPalette(overlay.PaletteConfig{
		Ctx: m.cfg.Ctx, Keys: m.cfg.Keys, Styles: m.styles, Items: items, Recent: m.recent,
		Document: m.document.Document(), Jump: func(p model.Path) tea.Msg { return pathChosen{p} },
	}))
}

// actionItems returns each action of the panes and the global ones once, those first that have an effect now.
func (m *Model) actionItems() (items []overlay.PaletteItem) {
	seen := map[keys.Action]bool{keys.OpenPalette: true}
	for _, e := range m.cfg.Keys.StartingWith(m.panes[m.focus].Scope(), keys.Everywhere) {
		if seen[e.Action] || !isCommand(e) {
			continue
		}
		seen[e.Action] = true
		items = append(items, overlay.PaletteItem{ID: "action " + string(e.Action), Section: "actions",
			Text: e.Binding.Help().Desc, Key: e.Binding.Help().Key, Unavailable: m.unavailable(e), Choose: entryChosen{e}})
	}
	slices.SortStableFunc(items, func(a, b overlay.PaletteItem) int {
		return cmp.Compare(min(1, len(a.Unavailable)), min(1, len(b.Unavailable)))
	})
	return items
}

// isCommand reports whether the palette lists an entry: it does not list cursor movement.
func isCommand(e keys.Entry) bool {
	return e.Task != keys.Moving && e.Action != keys.Cancel && e.Action != keys.Accept &&
		slices.Contains(keys.Panes(), e.Scope)
}

// themeItems returns the themes.
func (m *Model) themeItems() (items []overlay.PaletteItem) {
	for _, t := range m.cfg.Appearance.Themes {
		items = append(items, overlay.PaletteItem{ID: "theme " + t.Name, Section: "themes",
			Text: model.Show(t.Name).String(), Choose: themeChosen{t.Name}})
	}
	return items
}

// accountItems returns the accounts of this machine that are not shown.
func (m *Model) accountItems() (items []overlay.PaletteItem) {
	for _, a := range m.state.Accounts {
		if m.state.HasUser && a.ID == m.state.Account.ID {
			continue
		}
		items = append(items, overlay.PaletteItem{ID: "account " + a.ID, Section: "accounts",
			Text: m.state.AccountName(a).String(), Choose: accountChosen{a.ID}})
	}
	return items
}

// functionItems returns the functions of the application.
func (m *Model) functionItems() (items []overlay.PaletteItem) {
	for _, name := range m.state.App().Functions {
		items = append(items, overlay.PaletteItem{ID: "function " + name, Section: "functions",
			Text: model.Show(name).String(), Choose: nav.CallFunction{Name: name}})
	}
	return items
}

// choose does what an item of the palette stands for, and remembers it.
func (m *Model) choose(item overlay.PaletteItem) tea.Cmd {
	m.recent = slices.DeleteFunc(m.recent, func(id string) bool { return id == item.ID })
	m.recent = slices.Insert(m.recent, 0, item.ID)
	m.recent = m.recent[:min(len(m.recent), maxRecent)]
	switch chosen := item.Choose.(type) {
	case entryChosen:
		return m.runEntry(chosen.entry)
	case themeChosen:
		return m.useTheme(chosen.name)
	case accountChosen:
		list := accounts.NewList(m.accountsConfig())
		return tea.Batch(m.open(list), list.Use(chosen.id))
	case pathChosen:
		return m.goTo(chosen.path)
	default:
		return m.navigate(chosen)
	}
}

// goTo moves focus and cursor to a field of the document.
func (m *Model) goTo(path model.Path) tea.Cmd {
	moved := m.focusOn(layout.Document)
	m.focused()
	return tea.Batch(moved, m.document.GoTo(path))
}

// runEntry carries out an action. One of another pane moves the focus there.
func (m *Model) runEntry(e keys.Entry) tea.Cmd {
	for r, p := range m.panes {
		if p.Scope() == e.Scope && layout.Region(r) != m.focus {
			return tea.Batch(m.focusOn(layout.Region(r)), m.act(e.Action))
		}
	}
	return m.act(e.Action)
}

// useTheme shows the screen in a theme and stores the choice.
func (m *Model) useTheme(name string) tea.Cmd {
	save := m.cfg.SaveTheme
	s := style.New(m.cfg.Appearance.theme(name), m.styles.Dark, m.cfg.Appearance.Options)
	return tea.Batch(m.setStyles(s), func() tea.Msg {
		if err := save(name); err != nil {
			return nav.ShowFault{Fault: model.AsFault("save the theme", err)}
		}
		return nav.Notify{Text: state.Public("theme " + name), Success: true}
	})
}
