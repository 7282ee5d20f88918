package edit_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/edit"
)

// RevertFields never leaves a draft that destroys what the reverted edit moved or renamed.
func TestRevertOfRenamesAndMoves(t *testing.T) {
	base := document(field("plan", "basic"), field("n", int32(1)), field("address", bson.D{field("zip", "1"),
		field("city", "x"), field("geo", bson.D{field("lat", 1.5)})}), field("tags", bson.A{"a", "b", "c"}))
	path := func(keys ...string) model.Path { return keys }
	rename := func(d *model.Draft, p model.Path, name string) model.Path {
		renamed, err := d.Rename(p, name)
		must(err)
		return renamed
	}
	for _, c := range []struct {
		name   string
		change func(d *model.Draft) []model.Path // returns the fields to revert
	}{
		{"renamed", func(d *model.Draft) []model.Path { return []model.Path{rename(d, path("plan"), "plan2")} }},
		{"renamed in an object", func(d *model.Draft) []model.Path {
			return []model.Path{rename(d, path("address", "zip"), "code")}
		}},
		{"inside a renamed object", func(d *model.Draft) []model.Path {
			return []model.Path{rename(d, path("address"), "home").Child("geo").Child("lat")}
		}},
		{"renamed and changed", func(d *model.Draft) []model.Path {
			p := rename(d, path("address", "zip"), "code")
			must(d.Set(p, model.ValueOf("2")))
			return []model.Path{p}
		}},
		{"old and new name", func(d *model.Draft) []model.Path {
			return []model.Path{path("plan"), rename(d, path("plan"), "plan2")}
		}},
		{"new and old name", func(d *model.Draft) []model.Path {
			return []model.Path{rename(d, path("plan"), "plan2"), path("plan")}
		}},
		{"moved", func(d *model.Draft) []model.Path {
			_, err := d.Move(path("tags", "1"), -1)
			must(err)
			return []model.Path{path("tags", "0")}
		}},
		{"removed", func(d *model.Draft) []model.Path { must(d.Unset(path("plan"))); return []model.Path{path("plan")} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := model.NewDraft(base, ownerOf(base))
			paths := c.change(d)
			text, err := d.MarshalText()
			must(err)
			h := newHarness(t)
			h.user.doc, h.drafts.text[h.user.Account().ID] = base, text
			h.operate(edit.RevertFields(paths))
			if stored, _ := h.drafts.TakeOver(h.user.Account().ID); stored != nil {
				t.Errorf("reverted %v: left are %v", paths, stored.Edits())
			}
		})
	}
}

// The note while renaming says what the review says.
func TestNoteOfARenameInALargeObject(t *testing.T) {
	d := newHarness(t, field("o", bson.D{field("a", "1"), field("long", strings.Repeat("x", 70_000))}))
	d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Rename(c, pathOf("o.a")) })
	d.see("moves to the end of o").typeText("2").see("moves to the end of o").press("enter").
		open(edit.Review).see("o.a2 moves to the end of o")
}

// An object whose keys have another order is a line of the review, which can be reverted.
func TestReviewOfTheOrderOfKeys(t *testing.T) {
	d := newHarness(t, field("o", bson.D{field("a", "1"), field("b", "2")}), field("n", "1"))
	draft := model.NewDraft(d.user.doc, ownerOf(d.user.doc))
	must(draft.Set(pathOf("n"), model.ValueOf("2")))
	must(draft.Set(pathOf("o"), model.ValueOf(bson.D{field("b", "2"), field("a", "1")})))
	text, err := draft.MarshalText()
	must(err)
	d.drafts.text[d.user.Account().ID] = text
	d.open(edit.Review).see("a, b → b, a", "order of keys").press("down", "d").dontSee("order of keys").see("n")
}
