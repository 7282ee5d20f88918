package edit

import (
	"slices"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/nav"
)

// writeFunction is the function of the seed's Flutter page that sets the fields of its argument.
const writeFunction = "writeCustomUserData"

// callFunction opens the function dialog with the change as the argument. The draft stays stored until the document
// holds the change.
func (r *review) callFunction() tea.Cmd {
	if !r.ready {
		return nil
	}
	update := r.plan.update.Update
	if update.Type == bson.TypeArray {
		r.notice = "A function such as " + writeFunction + " cannot set a field that no path can name."
		return nil
	}
	sets, ok := update.Document().Lookup("$set").DocumentOK()
	if !ok {
		sets, ok = update.Document().Lookup("$setOnInsert").DocumentOK()
	}
	if !ok {
		r.notice = "A function such as " + writeFunction + " only sets fields; it cannot remove one."
		return nil
	}
	if removed := countRemovals(r.plan.update); removed > 0 {
		r.notice = "A function such as " + writeFunction +
			" only sets fields; it cannot remove one. Revert the removals first (d)."
		return nil
	}
	args := model.JSON(model.ValueOf(bson.A{sets}))
	return tea.Batch(nav.Send(nav.CallFunction{Name: r.functionName(), Args: args}), r.e.close())
}

func countRemovals(u model.Update) (n int) {
	for _, x := range u.Edits {
		if x.Unset {
			n++
		}
	}
	return n
}

// functionName returns the function to preselect: writeFunction, else the only function, else none.
func (r *review) functionName() string {
	known := r.e.State.App().Functions
	switch {
	case slices.Contains(known, writeFunction):
		return writeFunction
	case len(known) == 1:
		return known[0]
	}
	return ""
}
