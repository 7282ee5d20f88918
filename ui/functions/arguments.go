package functions

import (
	"context"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/request"
	"dossier/ui/text"
)

const (
	maxArgumentBytes = 64 << 20 // as text; a document is larger as text than as BSON
	maxSyncBytes     = 64 << 10 // the size of arguments that are read inside the event loop
)

// parsed is arguments that were read.
type parsed struct {
	values []bson.RawValue
	fault  *model.Fault
}

// parseArguments reads arguments: an array, one object, or nothing.
func parseArguments(typed string) parsed {
	if strings.TrimSpace(typed) == "" {
		return parsed{}
	}
	v, err := model.ParseJSON(typed)
	switch {
	case err != nil:
		return parsed{fault: model.AsFault("", err)}
	case model.KindOf(v) == model.Object: // a single object is the only argument
		return parsed{values: []bson.RawValue{v}}
	case model.KindOf(v) != model.Array:
		return parsed{fault: model.InvalidInputf("", "arguments must be an array or an object: put [ ] around this value")}
	}
	values, err := v.Array().Values()
	return parsed{values, model.AsFault("read the arguments", err)}
}

// setArguments replaces the arguments by others, which are hidden while personal data is masked.
func (d *Dialog) setArguments(args string) tea.Cmd {
	d.args.area = text.NewArea(args)
	d.args.area.MaxBytes = maxArgumentBytes
	d.args.area.MoveToEnd()
	d.args.hidden = false
	d.applyMask()
	d.args.hidden = d.State.Masked && args != ""
	return d.parse()
}

// applyMask hides the arguments while personal data is masked: they may come from a document.
func (d *Dialog) applyMask() {
	d.args.area.Mask = ""
	if d.State.Masked {
		d.args.area.Mask = d.Styles.Glyphs.Mask
		return
	}
	d.args.hidden = false
}

// parse reads the arguments, long ones outside the event loop.
func (d *Dialog) parse() tea.Cmd {
	d.checks.Cancel()
	if d.args.area.ByteLen() <= maxSyncBytes {
		return d.handleParsed(parseArguments(d.args.area.Value()))
	}
	typed := d.args.area.Value()
	return request.Start(d.checks, func(context.Context) (parsed, error) { return parseArguments(typed), nil })
}

// handleParsed takes the arguments, and calls the function if that was requested meanwhile.
func (d *Dialog) handleParsed(p parsed) tea.Cmd {
	d.args.values, d.args.fault = p.values, p.fault
	if pending := d.args.pending; pending {
		d.args.pending = false
		return d.call()
	}
	return nil
}

// isNewline reports whether Enter ends a line and does not call the function: in text of several lines, and in text
// that is valid but for its missing end.
func (d *Dialog) isNewline(m tea.KeyPressMsg) bool {
	if d.step != stepArguments || m.String() != "enter" || d.args.hidden {
		return false
	}
	missesEnd := d.args.fault != nil && d.args.fault.Column > utf8.RuneCountInString(d.args.area.Value())
	return d.args.area.LineCount() > 1 || missesEnd
}

// edit handles a key in the arguments. Hidden ones can only be deleted as a whole.
func (d *Dialog) edit(m tea.KeyPressMsg) tea.Cmd {
	if d.args.hidden {
		if m.String() == "ctrl+u" {
			return d.setArguments("")
		}
		return nil
	}
	if d.args.area.HandleKey(m) {
		return d.changed()
	}
	return nil
}

func (d *Dialog) changed() tea.Cmd {
	d.fault, d.args.pending = nil, false
	return d.parse()
}

// handleArguments runs an action on the arguments.
func (d *Dialog) handleArguments(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		return d.call()
	case keys.Cancel:
		keep := d.keep()
		d.step, d.fault, d.args.pending = stepChoose, nil, false
		for i, n := range d.picker.matches {
			if n == d.name {
				d.cursor = i
			}
		}
		return keep
	}
	return nil
}

// call starts the function call.
func (d *Dialog) call() tea.Cmd {
	if d.checks.Busy() {
		d.args.pending = true
		return nil
	}
	if d.args.fault != nil {
		return nil
	}
	d.fault = nil
	user, name, values, clock := d.User, d.name, d.args.values, d.Clock
	d.startedAt = clock()
	keep := d.keep()
	started := d.startedAt
	return tea.Batch(keep, request.Start(d.requests, func(ctx context.Context) (callResult, error) {
		v, err := user.Call(ctx, name, values)
		return callResult{v, clock().Sub(started)}, err
	}))
}

// handleResult shows the result. A function can write anything, so the token is refreshed to show differences.
func (d *Dialog) handleResult(m request.Response[callResult]) tea.Cmd {
	c := call{at: d.startedAt, function: d.name, arguments: d.args.area.Value(), took: m.Value.took}
	if m.Err != nil {
		d.fault = model.AsFault("", m.Err)
		c.outcome, c.message = failed, d.fault.Message
		d.usage.add(c)
		if d.fault.Kind == model.SignedOut || d.fault.Kind == model.Unreachable {
			return nav.Send(nav.ShowFault{Fault: d.fault})
		}
		return nil
	}
	c.bytes = len(m.Value.value.Value)
	d.usage.add(c)
	d.output.value, d.output.took, d.step = m.Value.value, m.Value.took, stepResult
	d.output.summary = d.describeResult()
	return tea.Batch(d.showResult(true), nav.Send(nav.Refresh{}))
}
