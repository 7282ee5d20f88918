package edit

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// task is what the editor was opened for. It starts when the document is loaded and the editor's draft is set.
type task interface {
	start(*Editor) tea.Cmd
	title() string
	// resumesInput reports whether the task opens with pending input of a stored draft.
	resumesInput(model.PendingInput) bool
	// affectsField reports whether the task shows or changes a field.
	affectsField(model.Path) bool
}

// atEnd is the position behind the last item of an array.
const atEnd = -1

// fieldsTask is a task about single fields: it starts on the last check of the database, without reading it again.
type fieldsTask interface{ ofFields() }

func (fieldTask) ofFields()  {}
func (addTask) ofFields()    {}
func (renameTask) ofFields() {}
func (typeTask) ofFields()   {}
func (pasteTask) ofFields()  {}

type (
	fieldTask struct{ path model.Path }
	addTask   struct {
		within model.Path
		at     int // the position of a new array item; atEnd: behind the last one
	}
	renameTask struct{ path model.Path }
	typeTask   struct{ paths []model.Path }
	pasteTask  struct {
		within model.Path
		text   string
	}
	documentTask struct{}
	emptyTask    struct{}
	reviewTask   struct{} // of the stored draft
)

func (t fieldTask) title() string    { return "edit " + t.path.String() }
func (t addTask) title() string      { return "add a field" }
func (t renameTask) title() string   { return "rename " + t.path.String() }
func (t typeTask) title() string     { return "type of " + countFields(t.paths) }
func (t pasteTask) title() string    { return "paste JSON" }
func (t documentTask) title() string { return "edit the whole document" }
func (t emptyTask) title() string    { return "empty the document" }
func (t reviewTask) title() string   { return "review" }

func (t fieldTask) resumesInput(p model.PendingInput) bool {
	return p.EditTarget == model.TargetField && p.Path.Equal(t.path)
}

func (t addTask) resumesInput(p model.PendingInput) bool {
	return (p.EditTarget == model.TargetNewField || p.EditTarget == model.TargetNewElement) && p.Path.Equal(t.within)
}

func (t renameTask) resumesInput(p model.PendingInput) bool {
	return p.EditTarget == model.TargetName && p.Path.Equal(t.path)
}

func (t pasteTask) resumesInput(p model.PendingInput) bool {
	return t.text == "" && p.EditTarget == model.TargetPaste && p.Path.Equal(t.within)
}

func (t documentTask) resumesInput(p model.PendingInput) bool {
	return p.EditTarget == model.TargetDocument
}

func (t reviewTask) resumesInput(model.PendingInput) bool { return true }
func (t typeTask) resumesInput(model.PendingInput) bool   { return false }
func (t emptyTask) resumesInput(model.PendingInput) bool  { return false }

func (t fieldTask) affectsField(p model.Path) bool  { return p.Within(t.path) || t.path.Within(p) }
func (t renameTask) affectsField(p model.Path) bool { return p.Within(t.path) || t.path.Within(p) }

func (t typeTask) affectsField(p model.Path) bool {
	return slices.ContainsFunc(t.paths, func(q model.Path) bool { return p.Within(q) || q.Within(p) })
}

func (t pasteTask) affectsField(p model.Path) bool {
	return len(t.within) > 0 && (p.Within(t.within) || t.within.Within(p))
}

// affectsField reports whether the new field is inside p, or the array that gets an element changed.
func (t addTask) affectsField(p model.Path) bool {
	return len(t.within) > 0 && (p.Within(t.within) || t.within.Within(p))
}

func (t documentTask) affectsField(model.Path) bool { return true }
func (t emptyTask) affectsField(model.Path) bool    { return true }
func (t reviewTask) affectsField(model.Path) bool   { return true }

func (t reviewTask) start(e *Editor) tea.Cmd {
	if e.draft.Empty() {
		return e.refuse("nothing is left to save: the database already has the values of the kept draft")
	}
	return e.review(e.draft)
}

func (t fieldTask) start(e *Editor) tea.Cmd {
	if reason := e.blockedReason(t.path); reason != "" {
		return e.refuse(reason)
	}
	if v, _ := t.path.Lookup(e.draft.Result()); e.needsPreparation(v) {
		return e.prepare(v, func() tea.Cmd { return t.start(e) })
	}
	return e.show(fieldForm(e, t.path))
}

func (t addTask) start(e *Editor) tea.Cmd { return e.addInside(t.within, t.at) }

// addInside shows the form of a new field inside an object, or of a new item at a position of an array.
func (e *Editor) addInside(within model.Path, at int) tea.Cmd {
	if len(within) == 0 {
		return e.show(addForm(e, nil))
	}
	if reason := e.blockedReason(within); reason != "" {
		return e.refuse(reason)
	}
	v, ok := e.draft.Lookup(within)
	switch {
	case !ok:
		return e.refuse(within.String() + " no longer exists in the database: no field can be added to it")
	case model.KindOf(v) == model.Array:
		n, err := arrayLength(v)
		if err != nil {
			return e.refuse(within.String() + " cannot be read: " + e.State.FaultText(model.AsFault("", err)))
		}
		if at == atEnd || at > n {
			at = n
		}
		return e.show(addItemForm(e, within, at, n))
	case model.KindOf(v) == model.Object:
		return e.show(addForm(e, within))
	}
	return e.refuse(within.String() + " is a " + string(model.KindOf(v)) +
		": only an object or an array can contain fields")
}

func arrayLength(v bson.RawValue) (int, error) {
	values, err := v.Array().Values()
	return len(values), err
}

func (t documentTask) start(e *Editor) tea.Cmd {
	switch {
	case e.State.Masked:
		return e.refuse("the whole document cannot be edited while personal data is masked: " +
			e.Keys.Expand("close this dialog and press {everywhere.mask} first"))
	case len(e.readOnly) > 0:
		return e.refuse("the document cannot be edited as a whole: " + e.readOnly[0].String() +
			". The other fields can be edited one by one.")
	}
	if now := (bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: e.draft.Result()}); e.needsPreparation(now) {
		return e.prepare(now, func() tea.Cmd { return t.start(e) })
	}
	return e.show(newDocumentEditor(e))
}

func (t emptyTask) start(e *Editor) tea.Cmd {
	base := e.draft.Base()
	if base == nil {
		return e.refuse("there is no document to empty")
	}
	remaining := bson.D{}
	for _, key := range []string{"_id", e.draft.Owner().UserIDField} {
		if v, ok := (model.Path{key}).Lookup(base); ok {
			remaining = append(remaining, bson.E{Key: key, Value: v})
		}
	}
	raw, err := bson.Marshal(remaining)
	next := leftover(e.draft)
	if err == nil {
		err = next.Replace(raw)
	}
	if err != nil {
		return e.refuse(e.State.FaultText(model.AsFault("", err)))
	}
	if next.Empty() {
		return e.refuse("the document already contains only its ids")
	}
	return e.review(next)
}

// resume continues with the input of a stored draft.
func (e *Editor) resume(t model.PendingInput) tea.Cmd {
	var cmd tea.Cmd
	switch t.EditTarget {
	case model.TargetDocument:
		cmd = documentTask{}.start(e)
	case model.TargetNewField, model.TargetNewElement:
		cmd = e.addInside(t.Path, atEnd)
	case model.TargetName:
		cmd = renameTask{t.Path}.start(e)
	case model.TargetPaste:
		cmd = pasteTask{within: t.Path}.start(e)
	default:
		cmd = fieldTask{t.Path}.start(e)
	}
	if s, ok := e.stage.(interface {
		resume(model.PendingInput) tea.Cmd
	}); ok {
		return tea.Batch(cmd, s.resume(t))
	}
	return cmd
}

// blockedReason explains why a field cannot be edited; empty: it can.
func (e *Editor) blockedReason(p model.Path) string {
	for _, field := range e.readOnly {
		if p.Within(field.Path) || field.Path.Within(p) {
			return p.String() + " is read-only: " + field.String()
		}
	}
	probe := model.NewDraft(e.draft.Base(), e.draft.Owner())
	if err := probe.Set(p, model.ValueOf(nil)); err != nil {
		return model.AsFault("", err).Error() + e.storedTypeNote(p)
	}
	if v, ok := e.draft.Lookup(p); ok && !e.State.Shows(p) && isNested(model.KindOf(v)) {
		return p.String() + e.Keys.Expand(" cannot be edited while it is masked: close this dialog and press "+
			"{document.reveal-value} to reveal it, or {everywhere.mask} to show all")
	}
	return ""
}

// storedTypeNote explains why the snapshot holds text where the database holds another type.
func (e *Editor) storedTypeNote(p model.Path) string {
	inDatabase, ok := p.Lookup(e.draft.Base())
	inToken, snapshotHas := p.Lookup(e.State.Session.Snapshot.CustomData)
	if !ok || !snapshotHas || model.KindOf(inToken) != model.String || model.KindOf(inDatabase) == model.String {
		return ""
	}
	return ". In the database it is of type " + string(model.KindOf(inDatabase)) + "; the token contains it as text."
}

// isNested reports whether a kind is edited as extended JSON on several lines.
func isNested(k model.Kind) bool { return k == model.Object || k == model.Array }

// countFields names a field, or several by their number.
func countFields(paths []model.Path) string {
	if len(paths) == 1 {
		return paths[0].String()
	}
	return strconv.Itoa(len(paths)) + " fields"
}
