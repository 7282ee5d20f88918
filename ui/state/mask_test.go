package state_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

// everyKind returns a value of every kind but objects and arrays, with the text that must not be read.
func everyKind(t *testing.T) map[model.Kind]bson.RawValue {
	t.Helper()
	texts := map[model.Kind]string{
		model.String: "Ada Lovelace", model.Int: "123456", model.Long: "12345678901", model.Double: "12345.5",
		model.Decimal: "12345.50", model.Bool: "true", model.Date: "1815-12-10T00:00:00.000Z",
		model.ObjectID: "5f1f216e82df4a7979f9da93", model.UUID: "6fa459ea-ee8a-3ca4-894e-db77e160355e",
		model.Null: "null", model.Binary: "SGVsbG8=", model.Regex: "/^ab+c$/i", model.Timestamp: "123456:7",
		model.JavaScript: "return 12345", model.Symbol: "Lovelace", model.Undefined: "undefined", model.MinKey: "minKey",
		model.MaxKey: "maxKey", model.CodeWithScope: `{"$code":"return 1","$scope":{"secret":"Lovelace"}}`,
		model.DBPointer: `{"$dbPointer":{"$ref":"db.secret","$id":{"$oid":"5f1f216e82df4a7979f9da93"}}}`,
	}
	values := map[model.Kind]bson.RawValue{}
	for _, kind := range model.Kinds() {
		if kind == model.Object || kind == model.Array {
			continue
		}
		v, err := model.Parse(kind, texts[kind])
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		values[kind] = v
	}
	return values
}

func TestEveryKindIsMaskedWithOneWidth(t *testing.T) {
	s := &state.State{Masked: true, Aliases: state.NewAliases()}
	for kind, v := range everyKind(t) {
		want := "•••••"
		if kind == model.ObjectID || kind == model.UUID {
			want = "id "
		}
		if got := s.Value(model.Path{"f"}, v).String(); !strings.HasPrefix(got, want) || len(got) > len("•••••") {
			t.Errorf("%s is shown as %q", kind, got)
		}
		shown := s.JSON(nil, model.ValueOf(bson.D{{Key: "o", Value: bson.D{{Key: "a", Value: bson.A{v}}}}}))
		if strings.Contains(shown, model.Text(v)) && kind != model.Null && kind != model.Undefined &&
			kind != model.MinKey && kind != model.MaxKey || strings.Contains(shown, "Lovelace") {
			t.Errorf("%s is shown in %s", kind, shown)
		}
	}
	malformed := bson.RawValue{Type: bson.TypeString, Value: []byte("\xff\x00\x00\x00secret")}
	if got := s.Value(nil, malformed).String(); got != "•••••" {
		t.Errorf("a malformed value is shown as %q", got)
	}
	if got := s.Value(nil, model.ValueOf(bson.A{1, 2})).String(); got != "[2 items]" {
		t.Errorf("an array is shown as %q", got)
	}
}

func TestAnIDHasOneAliasWhateverItsType(t *testing.T) {
	s := &state.State{Masked: true, Aliases: state.NewAliases(), Account: model.Account{UserID: "ada"}}
	id := bson.ObjectID{1, 2, 3}
	for _, c := range []struct {
		got  model.Visible
		want string
	}{
		{s.UserName(), "id 1"},
		{s.Value(nil, model.ValueOf("ada")), "id 1"},
		{s.Value(nil, model.ValueOf(id)), "id 2"},
		{s.Value(nil, model.ValueOf(strings.ToUpper(id.Hex()))), "id 2"},
		{s.ID("ada"), "id 1"},
		{s.AccountName(model.Account{UserID: id.Hex(), Name: "ada@example.com"}), "id 2"},
		{s.Value(nil, model.ValueOf("adam")), "•••••"},
		{(&state.State{Masked: true}).ID("ada"), "•••••"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("the alias is %q, want %q", got, c.want)
		}
	}
}

func TestOnlyTheRevealedFieldIsShown(t *testing.T) {
	s := &state.State{Masked: true, Revealed: model.Path{"address"}}
	for path, want := range map[string]bool{"address": true, "address.zip": true, "addresses": false, "name": false} {
		p, err := model.ParsePath(path)
		if err != nil || s.Shows(p) != want {
			t.Errorf("shows %s: %v, want %v", path, s.Shows(p), want)
		}
	}
	if s.Shows(nil) {
		t.Error("a value without a path is shown")
	}
}

func TestAMessageWithoutAMaskedTextIsMasked(t *testing.T) {
	s := &state.State{Masked: true}
	if got := s.Message(state.Message{Text: "signed out ada"}).String(); got != "•••••" {
		t.Errorf("shown as %q", got)
	}
	if got := s.Message(state.Public("signed out")).String(); got != "signed out" {
		t.Errorf("shown as %q", got)
	}
}
