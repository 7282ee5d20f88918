package linear_test

import (
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/linear"
)

func TestLine(t *testing.T) {
	for view, want := range map[string]string{
		"":                         "",
		" \x1b[2m---------\x1b[m ": "",
		"\x1b[2m---\x1b[m custom data \x1b[2m----------\x1b[m": "custom data",
		" \x1b[4m---\x1b[m ":                                                   "---",
		" text  \x1b[4m  two  columns   \x1b[m  string":                        "text,   two  columns, string",
		"name \x1b[2m|\x1b[m \x1b[1m>\x1b[m \x1b[4m> a\x1b[m\x1b[4mb\x1b[m   ": "name, > ab",
		"  plan      family  string":                                           "plan, family, string",
		" one word ":                                                           "one word",
	} {
		lines := append(linear.Read(view, nil, ">").Lines, "")
		if lines[0] != want {
			t.Errorf("%q is %q, want %q", view, lines[0], want)
		}
	}
}

func TestRead(t *testing.T) {
	view := "title\n\x1b[7m> plan  family\x1b[m\n\nname \x1b[1m>\x1b[m \x1b[4mDana\x1b[m"
	p := linear.Read(view, tea.NewCursor(8, 3), ">")
	if !slices.Equal(p.Lines, []string{"title", "> plan, family", "name, Dana"}) || p.Selected != "plan, family" ||
		p.Input != "name, Dana" || p.Before != "D" || p.At != "a" {
		t.Errorf("%+v", p)
	}
}

func TestMoved(t *testing.T) {
	for at, want := range map[string]string{"": "end", " ": "space", "x": "x"} {
		if got := linear.Moved(linear.Page{At: at}); got != want {
			t.Errorf("%q is %q, want %q", at, got, want)
		}
	}
}

func TestNews(t *testing.T) {
	before := linear.Page{Lines: []string{"a", "b", "b"}}
	now := linear.Page{Lines: []string{"b", "b", "b", "c", "input", "row"}, Input: "input", Selected: "row"}
	if got := linear.News(before, now); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("got %q", got)
	}
}

func TestTranscript(t *testing.T) {
	var s linear.Transcript
	s.Add("one", "", "two")
	s.Echo("x")
	s.Echo("y")
	s.Add("three")
	if got := s.Take(); got != "one\r\ntwo\r\nxy\r\nthree\r\n" {
		t.Errorf("got %q", got)
	}
	if got := s.Take(); got != "" {
		t.Errorf("then %q", got)
	}
}
