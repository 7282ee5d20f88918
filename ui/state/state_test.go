package state_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

func TestWarnings(t *testing.T) {
	app := model.AppInfo{CustomData: model.CustomDataConfig{
		Enabled: true, Database: "app", Collection: "data", UserIDField: "uid",
	}}
	doc := bson.Raw{5, 0, 0, 0, 0}
	denied := model.Fault{Kind: model.PermissionDenied, Op: "check", Message: "no rule allows it", Advice: "add one"}
	for want, s := range map[string]state.State{
		"another document has this user id; the oldest one is used": {
			LastCheck: &model.CheckResult{Document: doc, Duplicates: 1},
		},
		"3 more documents have this user id; the oldest one is used": {
			LastCheck: &model.CheckResult{Document: doc, Duplicates: 3},
		},
		"the user id is stored as an ObjectId, not as a string": {
			LastCheck: &model.CheckResult{Document: doc, UserIDIsObjectID: true},
		},
		"no document in app.data has this user id in the field uid": {LastCheck: &model.CheckResult{}},
		"the document is too large for a token, which holds 785 kB of JSON: the application sees no custom data": {
			Session: model.Session{Snapshot: model.Snapshot{TooLarge: true}},
		},
		"check: no rule allows it; add one":        {Fault: &denied},
		"check: not allowed, the reason is masked": {Masked: true, Fault: &denied},
	} {
		s.User.App = app
		if list := s.Warnings(); len(list) != 1 || list[0] != want {
			t.Errorf("warnings %q, want %q", list, want)
		}
	}
}
