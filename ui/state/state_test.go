package state_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

func TestEveryDiagnosisIsNamed(t *testing.T) {
	app := model.AppInfo{CustomData: model.CustomDataConfig{Enabled: true, Database: "app", Collection: "data", UserIDField: "uid"}}
	doc := bson.Raw{5, 0, 0, 0, 0}
	for want, r := range map[string]state.State{
		"another document carries this user id; the oldest counts":                   {LastCheck: &model.CheckResult{Document: doc, Duplicates: 1}},
		"3 more documents carry this user id; the oldest counts":                     {LastCheck: &model.CheckResult{Document: doc, Duplicates: 3}},
		"the user id is stored as an ObjectId, not as a string":                      {LastCheck: &model.CheckResult{Document: doc, UserIDIsObjectID: true}},
		"no document in app.data has this id in uid":                                 {LastCheck: &model.CheckResult{}},
		"the document is too large for a token: the application sees no custom data": {Session: model.Session{TooLarge: true}},
		"look at the database: no rule allows it; add one":                           {Fault: &model.Fault{Kind: model.PermissionDenied, Op: "look at the database", Message: "no rule allows it", Advice: "add one"}},
		"look at the database: not allowed, the reason is masked":                    {Masked: true, Fault: &model.Fault{Kind: model.PermissionDenied, Op: "look at the database", Message: "no rule allows it"}},
	} {
		r.User.App = app
		if found := r.Warnings(); len(found) != 1 || found[0] != want {
			t.Errorf("found %q, want %q", found, want)
		}
	}
}
