package overlay

import (
	"cmp"
	"slices"
	"strings"

	"dossier/model"
	"dossier/ui/keys"
)

// helpKeyWidth is the width of the column of keys.
const helpKeyWidth = 16

// stalenessHelp explains the staleness states of the session pane.
var stalenessHelp = []string{
	"The application does not read custom data from the database. It reads the snapshot in its access token, " +
		"and gets a new snapshot only when the token is refreshed.",
	"An access token lives about 30 minutes; the next call after that refreshes it. " +
		"So a snapshot may be stale for up to 30 minutes plus the time until the next call.",
	"The snapshot shown is that of this session of dossier. The user's app has its own token and its own snapshot.",
	"current: the database was compared and is equal; stale: the database has other data; unchecked: not compared " +
		"since the token was issued; due: the token has expired, the next call refreshes it; unknown: the service does " +
		"not answer.",
	"The database is checked after each token refresh, when you compare, " +
		"and on every change if the deployment has change streams.",
}

// clipboardHelp explains what the notice of a copy says.
var clipboardHelp = []string{
	"copied: the clipboard of this machine took the text.",
	"sent to the terminal: over SSH, and without a clipboard tool (pbcopy, wl-copy, xclip, xsel), the terminal gets the " +
		"text (OSC 52). Terminals do not answer, and some ignore it or ask for permission.",
	"A terminal takes about 74 kB. {document.copy-as} copies in other formats, and writes what is longer to a file.",
	"tmux takes it with: set -g set-clipboard on",
}

// maskingHelp explains what masking hides.
var maskingHelp = []string{
	"While personal data is masked ({everywhere.mask}), every value is replaced by a mask of fixed width: of the " +
		"document, the profile, activity, messages, function arguments and results. Ids are shown as id 1, id 2: the same " +
		"id has the same number.",
	"Field names, types, field counts and the times of the token stay visible. " +
		"A search finds field names only, and {document.copy-value} copies no values.",
	"{document.reveal-value} reveals the selected value until the selection moves; activity notes its name.",
	"Input is masked too, unless the value is revealed: typing adds to the hidden text, ctrl+u deletes it. " +
		"The review shows masks. Objects, arrays and the whole document can be edited only when shown.",
}

// bindingsHelp explains how to choose other keys.
var bindingsHelp = []string{
	"The table [keys] of config.toml binds other keys: \"document.edit\" = [\"e\", \"f2\"]. " +
		"dossier bindings lists the names.",
	"In text: ctrl+_ takes back what was typed, alt+_ types it again; ctrl+w deletes a word, ctrl+u to the start of the " +
		"line, ctrl+k to its end.",
	"While the mouse is on, hold shift (option on macOS) to select text, or switch it off: {everywhere.mouse}.",
}

// helpSection is the entries below one heading.
type helpSection struct {
	heading string
	entries keys.Map
}

// buildRows builds the rows that match the search.
func (h *Help) buildRows() {
	query := strings.ToLower(h.input.Value())
	h.rows = nil
	var refused keys.Map
	for _, section := range h.sections() {
		var working keys.Map
		for _, e := range section.entries {
			if slices.Contains(h.Here, e.Scope) && h.reason(e) != "" {
				refused = append(refused, e)
			} else {
				working = append(working, e)
			}
		}
		h.addEntries(section.heading, working, query)
		if section.heading == notNow {
			h.addEntries(notNow, refused, query)
		}
	}
	h.addExplanation("the document", documentHelp(h.Styles.Glyphs), query)
	h.addExplanation("staleness of the snapshot", stalenessHelp, query)
	h.addExplanation("copying", clipboardHelp, query)
	h.addExplanation("masking", maskingHelp, query)
	h.addExplanation("other keys, and the mouse", bindingsHelp, query)
	height := h.size.Y
	if h.searching() {
		height--
	}
	h.scroll.Resize(len(h.rows), height)
}

// notNow is the heading of the entries that have no effect now.
const notNow = "not now"

// sections groups the entries: those of the place where the help was opened by task, then a place for those that have
// no effect now, then those of other places by scope.
func (h *Help) sections() (sections []helpSection) {
	add := func(heading string, e keys.Entry) {
		i := slices.IndexFunc(sections, func(s helpSection) bool { return s.heading == heading })
		if i < 0 {
			sections, i = append(sections, helpSection{heading: heading}), len(sections)
		}
		sections[i].entries = append(sections[i].entries, e)
	}
	entries := h.Keys.StartingWith(h.Here...)
	for _, t := range append([]keys.Task{""}, keys.Tasks()...) {
		for _, e := range entries {
			if slices.Contains(h.Here, e.Scope) && e.Task == t {
				add(cmp.Or(string(t), e.Scope.Title()), e)
			}
		}
	}
	sections = append(sections, helpSection{heading: notNow})
	for _, e := range entries {
		if !slices.Contains(h.Here, e.Scope) {
			add("in "+e.Scope.Title(), e)
		}
	}
	return sections
}

func (h *Help) reason(e keys.Entry) string {
	if h.Unavailable == nil {
		return ""
	}
	return h.Unavailable(e)
}

// addEntries appends the matching entries below a heading.
func (h *Help) addEntries(heading string, entries keys.Map, query string) {
	var rows []helpRow
	for _, e := range entries {
		row := helpRow{key: allKeys(e), text: e.Binding.Help().Desc, faint: heading == notNow}
		if !strings.Contains(strings.ToLower(row.key+" "+row.text+" "+heading+" "+e.Scope.Title()), query) {
			continue
		}
		if !row.faint {
			rows = append(rows, row)
			continue
		}
		row.text += ": " + h.reason(e)
		for i, line := range model.Show(row.text).Wrap(max(1, h.size.X-helpKeyWidth-4)) {
			if row.text = line.String(); i > 0 {
				row.key = " "
			}
			rows = append(rows, row)
		}
	}
	h.addRows(heading, rows)
}

// addExplanation appends the matching sentences below a heading.
func (h *Help) addExplanation(heading string, sentences []string, query string) {
	var rows []helpRow
	for _, sentence := range sentences {
		sentence = h.Keys.Expand(sentence)
		if !strings.Contains(strings.ToLower(sentence), query) {
			continue
		}
		for _, line := range model.Show(sentence).Wrap(max(1, min(76, h.size.X-3))) {
			rows = append(rows, helpRow{text: line.String()})
		}
	}
	h.addRows(heading, rows)
}

// addRows appends rows below a heading, unless there are none.
func (h *Help) addRows(heading string, rows []helpRow) {
	if len(rows) == 0 {
		return
	}
	if len(h.rows) > 0 {
		h.rows = append(h.rows, helpRow{})
	}
	h.rows = append(append(h.rows, helpRow{heading: true, text: heading}), rows...)
}
