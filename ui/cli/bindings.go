package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/keys"
)

// bindingsTable is the table of the configuration file that holds key bindings.
const bindingsTable = "keys"

// bindings returns the command that lists the key bindings of the screen.
func (s *commands) bindings() *cobra.Command {
	return &cobra.Command{
		Use: "bindings", Short: "List the key bindings of the screen",
		Long: "Prints each action's name, its keys and what it does. The table [keys] of config.toml binds other keys:\n\n" +
			"  [keys]\n  \"document.edit\" = [\"e\", \"f2\"]\n  \"everywhere.quit\" = []\n\n" +
			"An empty list leaves an action without a key; the command palette still runs it.\n" +
			"Keys are characters (e, E, /), names (enter, esc, tab, space, up, pgup, home, delete, f1), and these after\n" +
			"ctrl+, alt+ or shift+. ctrl+c always quits.",
		Args: checkArguments,
		RunE: func(*cobra.Command, []string) error {
			table, err := s.keyTable()
			if err != nil {
				return err
			}
			return s.printBindings(table)
		},
	}
}

// bindingJSON is a key binding in JSON output.
type bindingJSON struct {
	Name   string   `json:"name"`
	Scope  string   `json:"scope"`
	Action string   `json:"action"`
	Keys   []string `json:"keys"`
	Help   string   `json:"help"`
}

// printBindings prints the table, one entry a line.
func (s *commands) printBindings(table keys.Map) error {
	out, names, bound := []bindingJSON{}, 0, 0
	for _, e := range table {
		b := bindingJSON{e.Name(), string(e.Scope), string(e.Action), e.Binding.Keys(), e.Binding.Help().Desc}
		if b.Keys == nil {
			b.Keys = []string{}
		}
		out = append(out, b)
		names, bound = max(names, len(b.Name)), max(bound, len(keyList(b.Keys)))
	}
	if s.options.JSON {
		return s.printJSON(out)
	}
	for _, b := range out {
		s.printLine("%-*s  %-*s  %s", names, b.Name, bound, keyList(b.Keys), b.Help)
	}
	return nil
}

// keyList returns keys as text; "-" for none.
func keyList(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, " ")
}

// keyTable returns the key bindings with those of the configuration file. Commands without a screen do not call it, so
// that a wrong binding does not stop a script.
func (s *commands) keyTable() (keys.Map, error) {
	if s.Settings == "" {
		return keys.Default(), nil
	}
	text, err := os.ReadFile(s.Settings)
	if errors.Is(err, fs.ErrNotExist) {
		return keys.Default(), nil
	}
	if err != nil {
		return nil, model.InvalidInputf(s.Settings, "cannot read it: %v", err)
	}
	settings, err := readBindings(s.Settings, text)
	if err != nil {
		return nil, err
	}
	table, err := keys.Default().Rebind(settings)
	if wrong, ok := errors.AsType[*keys.SettingError](err); ok {
		return nil, model.InvalidInputf(wrong.Place, "%s", wrong.Message)
	}
	return table, err
}

// readBindings returns the key bindings of a configuration file, which is valid TOML, with their lines.
func readBindings(path string, text []byte) (settings []keys.Setting, err error) {
	var p unstable.Parser
	p.Reset(text)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		name, line := nameOf(&p, e)
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = name
		case unstable.KeyValue:
			if settings, err = addBindings(settings, path, &p, append(table[:len(table):len(table)], name...), line,
				e.Value()); err != nil {
				return nil, err
			}
		}
	}
	if err := p.Error(); err != nil {
		return nil, model.InvalidInputf(path, "%v", err)
	}
	return settings, nil
}

// addBindings adds the bindings of one value of the configuration file; other values are skipped.
func addBindings(settings []keys.Setting, path string, p *unstable.Parser, name []string, line int,
	value *unstable.Node) ([]keys.Setting, error) {
	if len(name) == 0 || name[0] != bindingsTable {
		return settings, nil
	}
	if value.Kind == unstable.InlineTable {
		for children := value.Children(); children.Next(); {
			more, at := nameOf(p, children.Node())
			var err error
			if settings, err = addBindings(settings, path, p, append(name[:len(name):len(name)], more...), max(line, at),
				children.Node().Value()); err != nil {
				return nil, err
			}
		}
		return settings, nil
	}
	setting := keys.Setting{Name: strings.Join(name[1:], "."), Place: fmt.Sprintf("%s line %d", path, line)}
	wrong := model.InvalidInputf(setting.Place, "%s: expected a list of keys, such as [\"e\", \"f2\"], or [] for none",
		setting.Name)
	switch value.Kind {
	case unstable.String:
		setting.Keys = []string{string(value.Data)}
	case unstable.Array:
		for items := value.Children(); items.Next(); {
			if items.Node().Kind != unstable.String {
				return nil, wrong
			}
			setting.Keys = append(setting.Keys, string(items.Node().Data))
		}
	default:
		return nil, wrong
	}
	return append(settings, setting), nil
}

// nameOf returns the parts of the key of an expression, and its line.
func nameOf(p *unstable.Parser, e *unstable.Node) (parts []string, line int) {
	for it := e.Key(); it.Next(); {
		if line == 0 {
			line = p.Shape(it.Node().Raw).Start.Line
		}
		parts = append(parts, string(it.Node().Data))
	}
	return parts, line
}
