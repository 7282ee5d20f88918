package document

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/text"
)

// maxCompletions is the maximal number of fields to complete to.
const maxCompletions = 100

// jump is the line in which the path of a field is typed, with the fields that it can be completed to.
type jump struct {
	typing  bool
	line    text.Line
	list    []model.Completion
	more    bool       // there are more than in list
	chosen  int        // the index of the completion that Enter takes; -1: the text as it is
	fault   string     // why Enter does not go there; empty: none
	nearest model.Path // with fault: the nearest field, where Enter goes then; nil: none
}

// openJump opens the line.
func (p *Pane) openJump() {
	p.jump = jump{typing: true, line: text.NewLine("")}
	p.complete()
}

// complete lists the fields that the text can be completed to.
func (p *Pane) complete() {
	j := &p.jump
	j.list, j.more = p.tree.Complete(j.line.Value(), maxCompletions)
	j.chosen, j.fault, j.nearest = -1, "", nil
	p.fit()
}

// pressInJump edits the line.
func (p *Pane) pressInJump(m tea.KeyPressMsg) tea.Cmd {
	j := &p.jump
	switch a, _ := p.keys.Resolve(m, keys.JumpToField); a {
	case keys.Accept:
		return p.acceptJump()
	case keys.Cancel:
		p.closeJump()
		return nil
	case keys.Complete:
		p.acceptCompletion()
		return nil
	case keys.Down:
		j.chosen = min(j.chosen+1, len(j.list)-1)
		return nil
	case keys.Up:
		j.chosen = max(j.chosen-1, -1)
		return nil
	}
	if j.line.HandleKey(m) {
		p.complete()
	}
	return nil
}

func (p *Pane) closeJump() {
	p.jump = jump{}
	p.fit()
}

// acceptCompletion completes the text: to the chosen field, or as far as all fields have the same start. An object or
// array gets a dot, so that its fields are listed.
func (p *Pane) acceptCompletion() {
	j := &p.jump
	if len(j.list) == 0 {
		return
	}
	at := max(0, j.chosen)
	completed := j.list[at].Path.String()
	if j.chosen < 0 && (len(j.list) > 1 || j.more) {
		if common := commonStart(j.list); len(common) > len(j.line.Value()) {
			j.line.SetValue(common)
			p.complete()
			return
		}
	}
	if kind := model.KindOf(j.list[at].Value); kind == model.Object || kind == model.Array {
		completed += "."
	}
	j.line.SetValue(completed)
	p.complete()
}

// commonStart returns the start that the texts of all paths have in common.
func commonStart(list []model.Completion) string {
	common := list[0].Path.String()
	for _, c := range list[1:] {
		other, n := c.Path.String(), 0
		for n < min(len(common), len(other)) && common[n] == other[n] {
			n++
		}
		common = common[:n]
	}
	return strings.ToValidUTF8(strings.TrimRight(common, `\`), "")
}

// acceptJump goes to the chosen field or to the path in the text. If there is no such field it says so, and the next
// Enter goes to the nearest one.
func (p *Pane) acceptJump() tea.Cmd {
	j := &p.jump
	if j.nearest != nil {
		path := j.nearest
		p.closeJump()
		return p.goTo(path)
	}
	typed := withoutLastDot(j.line.Value())
	if j.chosen >= 0 {
		typed = j.list[j.chosen].Path.String()
	}
	if typed == "" {
		p.closeJump()
		return nil
	}
	path, err := model.ParsePath(typed)
	if err != nil {
		f := model.AsFault("", err)
		j.fault = f.Message
		if f.Column > 0 {
			j.fault = "column " + strconv.Itoa(f.Column) + ": " + f.Message
		}
		return nil
	}
	if _, ok := p.tree.Lookup(path); !ok && len(j.list) == 1 {
		path = j.list[0].Path // there is no other completion
	}
	if _, ok := p.tree.Lookup(path); ok {
		p.closeJump()
		return p.goTo(path)
	}
	nearest := p.tree.Nearest(path)
	missing := model.Path{path[len(nearest)]}.String()
	j.fault = "no field " + missing
	if nearest != nil {
		j.fault = nearest.String() + " has no field " + missing +
			p.keys.Expand(": {jump.accept} goes to ") + nearest.String()
		j.nearest = nearest
	}
	j.line.MoveTo(faultOffset(j.line.Value(), len(nearest)))
	return nil
}

// withoutLastDot returns the text of a path without a dot at its end, unless that is part of the last key.
func withoutLastDot(text string) string {
	before, found := strings.CutSuffix(text, ".")
	backslashes := len(before) - len(strings.TrimRight(before, `\`))
	if !found || backslashes%2 == 1 {
		return text
	}
	return before
}

// faultOffset returns where the key number n of the text of a path begins.
func faultOffset(text string, n int) int {
	escaped := false
	for i := range len(text) {
		switch {
		case n == 0:
			return i
		case escaped:
			escaped = false
		case text[i] == '\\':
			escaped = true
		case text[i] == '.':
			n--
		}
	}
	return len(text)
}

// listHeight returns the number of lines of the list in a pane of a height.
func (j *jump) listHeight(height int) int {
	n := len(j.list)
	if j.more {
		n++
	}
	return min(n, max(0, min(8, height/3)))
}

// jumpLines draws the list of completions and the line.
func (p *Pane) jumpLines(width int) []string {
	j, s := &p.jump, p.styles
	height := j.listHeight(p.size.Y)
	var lines []string
	first := max(0, j.chosen-height+1)
	if j.more && first == 0 {
		first = max(0, j.chosen-height+2)
	}
	for i := first; len(lines) < height; i++ {
		if i >= len(j.list) || j.more && len(lines) == height-1 {
			lines = append(lines, "   "+s.Faint.Render(model.Show("further fields: type more of the name").Clip(max(0,
				width-4)).String()))
			break
		}
		c := j.list[i]
		kind := model.Show(string(model.KindOf(c.Value)))
		name := model.Show(c.Path.String()).Clip(max(1, width-6-kind.Width())).Pad(max(1, width-6-kind.Width()))
		rowStyle, kindStyle := s.Text, s.FieldType
		if i == j.chosen {
			rowStyle, kindStyle = s.Selected, s.Selected
		}
		lines = append(lines, pane.Fit("   "+rowStyle.Render(name.String())+kindStyle.Render(" "+kind.String()), width))
	}
	fault := model.Show(j.fault).Clip(max(0, width-3-p.jumpWidth(width)))
	typed := s.Input.Render(j.line.View(p.jumpWidth(width)))
	return append(lines, pane.Fit(" "+s.Prompt.Render(":")+" "+typed, max(0, width-fault.Width()-1))+
		s.InputError.Render(fault.String())+" ")
}

// jumpWidth returns the width of the text, in a pane of a width: a fault takes what is left behind a short text.
func (p *Pane) jumpWidth(width int) int {
	available := max(0, width-5)
	fault := model.Show(p.jump.fault).Width()
	if fault == 0 {
		return available
	}
	return max(min(available, model.Show(p.jump.line.Value()).Width()+2, available/2), available-fault-1)
}
