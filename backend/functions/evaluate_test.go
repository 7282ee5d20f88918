package functions

import (
	"context"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/limiter"
)

// TestEvaluate: a function that a rule calls runs with the caller's permissions, private ones too.
func TestEvaluate(t *testing.T) {
	w := newFixture(t, map[string]string{
		"who private":        `exports = (doc, n) => doc.owner === context.user.id && n === 1 && !context.runningAsSystem()`,
		"all private system": `exports = async () => context.runningAsSystem()`,
		"bad private":        `exports = () => { throw new Error("no") }`,
	}, nil)
	owned := bson.D{{Key: "owner", Value: me}}
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"who", []any{owned, int32(1)}, true},
		{"who", []any{bson.D{{Key: "owner", Value: other}}, int32(1)}, false},
		{"all", nil, true},
	} {
		if got, err := w.functions.Evaluate(w.ctx, w.me, c.name, c.args); err != nil || got != c.want {
			t.Errorf("%s(%v) = %v, %v", c.name, c.args, got, err)
		}
	}
	for name, want := range map[string]string{"bad": `"message":"no"`, "missing": "function not found"} {
		if _, err := w.functions.Evaluate(w.ctx, w.me, name, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEvaluateNested: a rule's function inside a call takes no second slot, and the nesting is limited.
func TestEvaluateNested(t *testing.T) {
	w := newFixture(t, map[string]string{"f": `exports = () => 1`}, nil)
	w.functions.slots = limiter.New(limiter.Limits{Total: 1})
	var only limiter.Slots
	if !only.TryAcquire(w.functions.slots, "") {
		t.Fatal("no slot is free")
	}
	for depth, want := range map[int]string{0: "", maxDepth - 1: "deeper than 10"} {
		got, err := w.functions.Evaluate(context.WithValue(w.ctx, depthKey{}, depth), w.me, "f", nil)
		if want == "" && (err != nil || got != int32(1)) || want != "" && (err == nil || !strings.Contains(err.Error(),
			want)) {
			t.Errorf("within %d calls: %v, %v", depth, got, err)
		}
	}
}
