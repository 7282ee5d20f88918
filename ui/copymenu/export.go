package copymenu

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/text"
)

// export is the form that writes a file.
type export struct {
	menu      *Menu
	requests  *request.Runner // writes the file
	completer *request.Runner
	path      text.Line
	names     []string // that the path could continue as
	replacing bool     // asks whether to replace an existing file
	fault     *model.Fault
}

// stored is the response to writing a file.
type stored struct{ path string }

// completion is what a typed path could continue as.
type completion struct {
	typed string
	names []string
}

func newExport(m *Menu) *export {
	e := &export{menu: m, requests: request.New(m.Ctx, m.Timeout), completer: request.New(m.Ctx, m.Timeout),
		path: text.NewLine("~/" + m.source.fileName(m.content.choice))}
	e.path.MaxBytes = 4096
	return e
}

func (e *export) scope() keys.Scope {
	switch {
	case e.requests.Busy():
		return keys.Waiting
	case e.replacing:
		return keys.ReplacePrompt
	}
	return keys.ExportForm
}

func (e *export) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case request.Response[stored]:
		if request.Accept(e.requests, msg) {
			return e.finish(msg)
		}
	case request.Response[completion]:
		if request.Accept(e.completer, msg) && msg.Value.typed == e.path.Value() {
			e.names = msg.Value.names
		}
	case tea.PasteMsg:
		if e.scope() == keys.ExportForm && e.path.Paste(msg.Content) {
			return e.changed()
		}
	case tea.KeyPressMsg:
		if msg.Text == "" {
			if a, ok := e.menu.Keys.Resolve(msg, keys.ExportForm); ok {
				return e.handle(a)
			}
		}
		if e.path.HandleKey(msg) {
			return e.changed()
		}
	}
	return nil
}

// changed looks for files that the typed path could continue as.
func (e *export) changed() tea.Cmd {
	e.fault = nil
	return e.complete()
}

func (e *export) complete() tea.Cmd {
	files, typed := e.menu.Files, e.path.Value()
	return request.Start(e.completer, func(ctx context.Context) (completion, error) {
		return completion{typed, files.Complete(ctx, typed)}, nil
	})
}

func (e *export) handle(a keys.Action) tea.Cmd {
	switch {
	case e.requests.Busy():
		if a == keys.Cancel {
			e.requests.Cancel()
			e.fault = model.InvalidInputf("", "stopped waiting: the file may have been written")
		}
	case a == keys.NextField && !e.replacing:
		if longer := commonPrefix(e.names); len(longer) > len(e.path.Value()) {
			e.path.SetValue(longer)
			return e.changed()
		}
	case a == keys.Accept:
		return e.write()
	case a == keys.Cancel && e.replacing:
		e.replacing = false
	case a == keys.Cancel:
		e.menu.export = nil
	}
	return nil
}

// write writes the file. The first time it does not replace an existing one.
func (e *export) write() tea.Cmd {
	if strings.TrimSpace(e.path.Value()) == "" {
		e.fault = model.InvalidInputf("", "the path of the file is missing")
		return nil
	}
	files, to, replace := e.menu.Files, e.path.Value(), e.replacing
	content := e.content()
	e.fault, e.replacing = nil, false
	return request.Start(e.requests, func(ctx context.Context) (stored, error) {
		written, err := files.Write(ctx, to, content, replace)
		return stored{written}, err
	})
}

// content returns what the file holds: the text of the menu, with a line end unless it is a text as it is.
func (e *export) content() string {
	c := e.menu.content
	if strings.HasSuffix(c.text, "\n") || c.choice.form == raw {
		return c.text
	}
	return c.text + "\n"
}

func (e *export) finish(r request.Response[stored]) tea.Cmd {
	switch {
	case errors.Is(r.Err, fs.ErrExist):
		e.replacing = true
		return nil
	case r.Err != nil:
		e.fault = model.AsFault("write the file", r.Err)
		return nil
	}
	return tea.Batch(nav.Send(nav.Close{Overlay: e.menu}), nav.Send(nav.Notify{Success: true,
		Text: state.Message{Text: "wrote " + model.ByteSize(len(e.content())) + " to " + r.Value.path,
			Masked: "wrote a file"}}))
}

// commonPrefix returns the longest text that all names start with.
func commonPrefix(names []string) string {
	if len(names) == 0 {
		return ""
	}
	prefix := names[0]
	for _, n := range names[1:] {
		for !strings.HasPrefix(n, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return strings.ToValidUTF8(prefix, "")
}
