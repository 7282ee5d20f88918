package overlay

import (
	"strings"

	"dossier/model"
	"dossier/ui/style"
)

// documentHelp explains marks, notes and short types of the document.
func documentHelp(g style.Glyphs) []string {
	var types []string
	for _, k := range model.Kinds() {
		if short := k.Short(); short != string(k) {
			types = append(types, short+" "+string(k))
		}
	}
	return []string{
		"Values are those of the token, as the application sees them. " + g.Stale + ": the database has another value, " +
			"which stands behind \"now\" or " + g.Arrow + ". " + g.Added + ": only the database has the field. " + g.Draft +
			": a draft changes the field; its old value stands behind \"was\".",
		g.Ellipsis + "12" + g.Cursor + " before a name is the depth of a field that is nested deeper than the indent shows.",
		"Where space is small, types are short: " + strings.Join(types, ", ") + ".",
	}
}
