package edit

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// unseenChanges returns the edited fields whose value in the database, which a save replaces, is not the one in the
// token, which the application shows.
func unseenChanges(snapshot bson.Raw, d *model.Draft) (changes []model.Change) {
	if snapshot == nil || d.Base() == nil {
		return nil
	}
	for _, x := range d.Edits() {
		inToken, _ := x.Path.Lookup(snapshot)
		now, _ := x.Path.Lookup(d.Base())
		if len(model.DiffSnapshot(singleField(inToken), singleField(now))) > 0 {
			changes = append(changes, model.Change{Path: x.Path, Old: inToken, New: now})
		}
	}
	return changes
}

// unseenNotes warns of values that a save replaces and the application does not show.
func (r *review) unseenNotes() (notes []string) {
	for i, c := range r.plan.unseen {
		if i == maxNamed {
			return append(notes, fmt.Sprintf("%d more fields have other values in the app's copy.", len(r.plan.unseen)-i))
		}
		note := fmt.Sprintf("the app's copy shows %s; the database has %s%s, which this replaces",
			r.e.display(c.Path, c.Old), r.e.display(c.Path, c.New), r.e.changedSince())
		if len(r.plan.changes) > 1 {
			note = c.Path.String() + ": " + note
		}
		notes = append(notes, note)
	}
	return notes
}

// changedSince says since when the database differs from the token; empty: unknown.
func (e *Editor) changedSince() string {
	switch s := e.State.Staleness; {
	case !s.ChangedAt.IsZero():
		return " since " + e.State.FormatTime(s.ChangedAt)
	case !s.StaleSince.IsZero():
		return " (noticed " + e.State.FormatTime(s.StaleSince) + ")"
	}
	return ""
}
