package state

import (
	"fmt"

	"dossier/model"
)

// Warnings lists why the application can have other values than expected.
func (s *State) Warnings() []string {
	var list []string
	if s.Session.Snapshot.TooLarge {
		list = append(list, "the document is too large for a token, which holds "+model.TokenHolds+
			": the application sees no custom data")
	}
	if s.LastCheck != nil {
		list = append(list, s.checkWarnings()...)
	}
	if s.Fault != nil && s.Fault.Kind != model.Unreachable {
		list = append(list, s.FaultText(s.Fault))
	}
	return list
}

// checkWarnings lists what is unusual about the last check.
func (s *State) checkWarnings() []string {
	var list []string
	switch n := s.LastCheck.Duplicates; {
	case n == 1:
		list = append(list, "another document has this user id; the oldest one is used")
	case n > 1:
		list = append(list, fmt.Sprintf("%d more documents have this user id; the oldest one is used", n))
	}
	if s.LastCheck.UserIDIsObjectID {
		list = append(list, "the user id is stored as an ObjectId, not as a string")
	}
	if c := s.App().CustomData; s.LastCheck.Document == nil && c.Complete() {
		list = append(list, fmt.Sprintf("no document in %s.%s has this user id in the field %s", c.Database, c.Collection,
			c.UserIDField))
	}
	return list
}
