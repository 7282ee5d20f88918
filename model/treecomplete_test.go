package model

import (
	"strings"
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	tree := NewTree(document(t, `{"name":1,"Nap":{"a.b":{"c":2},"":3},"list":[10,20,{"x":1}],"unnamed":4,"many":[0,1,2,3,4,5,6,7,8,9,10,11]}`))
	tree.SetGhosts([]Ghost{{Path: Path{"Nap", "ghost"}, Value: ValueOf(1)}})
	for text, want := range map[string]string{
		"":            "name Nap list unnamed many",
		"na":          "name Nap unnamed",
		"NAM":         "name unnamed",
		"Nap.":        `Nap.a\.b Nap."" Nap.ghost`,
		"Nap.g":       "Nap.ghost",
		`Nap.a\.`:     `Nap.a\.b`,
		`Nap.a\.b.`:   `Nap.a\.b.c`,
		"list.":       "list.0 list.1 list.2",
		"list.2.":     "list.2.x",
		"list.1":      "list.1",
		"many.1":      "many.1 many.10 many.11",
		"many.0":      "many.0",
		"many.x":      "",
		"list.7":      "",
		"name.":       "",
		"nothing.":    "",
		"nothing..":   "",
		"Nap.a\\.b.x": "",
	} {
		list, more := tree.Complete(text, 10)
		var got []string
		for _, c := range list {
			got = append(got, c.Path.String())
		}
		if strings.Join(got, " ") != want || more {
			t.Errorf("%q is completed to %q, want %q", text, got, want)
		}
	}
	capitals := NewTree(document(t, `{"ÄRZTE":1,"Änderung":2}`))
	for text, want := range map[string]string{"Ä": "ÄRZTE Änderung", "Är": "ÄRZTE", "än": ""} {
		var got []string
		list, _ := capitals.Complete(text, 10)
		for _, c := range list {
			got = append(got, c.Path.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q is completed to %q, want %q", text, got, want)
		}
	}
	if list, more := tree.Complete("", 2); len(list) != 2 || !more {
		t.Errorf("of five fields at most two: %v, more %v", list, more)
	}
	if got := tree.Nearest(Path{"list", "2", "y", "z"}).String(); got != "list.2" {
		t.Errorf("the nearest field is %s", got)
	}
}

// TestCompleteIsFast: in 100,000 fields, also when none matches.
func TestCompleteIsFast(t *testing.T) {
	tree := NewTree(largeDocument())
	start := time.Now()
	if list, _ := tree.Complete("field09999", 10); len(list) != 10 {
		t.Errorf("completed to %d fields", len(list))
	}
	tree.Complete("nothing", 10)
	if took := time.Since(start); took > time.Second {
		t.Errorf("two completions take %v", took)
	}
}

func BenchmarkComplete(b *testing.B) {
	tree := NewTree(largeDocument())
	for b.Loop() {
		tree.Complete("nothing", 10)
	}
}
