package state

import (
	"fmt"

	"dossier/model"
)

// Warnings names why an old or odd value may show: what is unusual about the document, the token or the application.
func (r *State) Warnings() []string {
	var found []string
	if r.Session.TooLarge {
		found = append(found, "the document is too large for a token: the application sees no custom data")
	}
	if r.LastCheck != nil {
		switch n := r.LastCheck.Duplicates; {
		case n == 1:
			found = append(found, "another document carries this user id; the oldest counts")
		case n > 1:
			found = append(found, fmt.Sprintf("%d more documents carry this user id; the oldest counts", n))
		}
		if r.LastCheck.UserIDIsObjectID {
			found = append(found, "the user id is stored as an ObjectId, not as a string")
		}
		if config := r.App().CustomData; r.LastCheck.Document == nil && config.Complete() {
			found = append(found, fmt.Sprintf("no document in %s.%s has this id in %s", config.Database, config.Collection, config.UserIDField))
		}
	}
	if r.Fault != nil && r.Fault.Kind != model.Unreachable {
		found = append(found, r.FaultText(r.Fault))
	}
	return found
}
