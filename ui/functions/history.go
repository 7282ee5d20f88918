package functions

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// handleHistory runs an action on the calls of this run.
func (d *Dialog) handleHistory(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if d.cursor < len(d.usage.calls) {
			c := d.usage.calls[d.cursor]
			d.name, d.step, d.fault = c.function, stepArguments, nil
			return d.setArguments(c.arguments)
		}
	case keys.Cancel, keys.ShowHistory:
		d.step, d.cursor = d.back, 0
	default:
		d.moveCursor(a, len(d.usage.calls))
	}
	return nil
}

// historyRow describes a call on one line: time, function, outcome, arguments.
func (d *Dialog) historyRow(c call, selected bool, width int) string {
	s := d.Styles
	prompt, how := "   ", s.Text
	if selected {
		prompt, how = " "+s.Prompt.Render(s.Glyphs.Cursor)+" ", s.Strong
	}
	sign, outcome := s.Good.Render(s.Glyphs.Good), model.Show(shortDuration(c.took)+", "+model.ByteSize(c.bytes))
	switch c.outcome {
	case failed:
		sign, outcome = s.Bad.Render(s.Glyphs.Bad), d.State.ClipText(c.message, width)
	case stopped:
		sign, outcome = s.Warn.Render(s.Glyphs.Stale), model.Show("stopped after "+shortDuration(c.took))
	}
	const timeWidth, least, gaps = 12, 10, 9 // the gaps with the cursor and the sign
	name := model.Clip(c.function, 24)
	outcome = outcome.Clip(min(30, max(1, width-timeWidth-name.Width()-gaps)))
	left := timeWidth + name.Width() + outcome.Width() + gaps
	args := model.Visible{}
	if width-left >= least {
		args = d.State.ClipText(oneLine(c.arguments), width-left)
	}
	return prompt + s.Faint.Render(model.Show(d.State.FormatTime(c.at)).Pad(timeWidth-2).String()) + "  " +
		how.Render(name.String()) + " " + s.Muted.Render(args.String()) + "  " + sign + " " + s.Muted.Render(outcome.String())
}

// oneLine returns the start of arguments, more than a row shows, on one line.
func oneLine(arguments string) string {
	return strings.Join(strings.Fields(arguments[:min(len(arguments), 1024)]), " ")
}

// shortDuration writes how long a call took.
func shortDuration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "< 1 ms"
	case d < time.Second:
		return strings.Replace(d.Round(time.Millisecond).String(), "ms", " ms", 1)
	}
	return strings.Replace(d.Round(100*time.Millisecond).String(), "s", " s", 1)
}
