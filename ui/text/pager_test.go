package text_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"dossier/model"
	"dossier/model/testdocument"
	"dossier/ui/text"
)

// rowsOf returns all rows of a pager, from the start to the end, one row at a time.
func rowsOf(p *text.Pager) []string {
	p.Top()
	var rows []string
	for _, r := range p.Visible() {
		rows = append(rows, r.String())
	}
	for p.Percent() < 100 {
		p.ScrollBy(1)
		rows = append(rows, p.Visible()[len(p.Visible())-1].String())
	}
	return rows
}

// TestPagerShowsTheWholeText: the rows of a long text are the rows of its lines, except where a block ends inside a
// line, and nothing is left out.
func TestPagerShowsTheWholeText(t *testing.T) {
	for name, content := range map[string]string{
		"lines":         testdocument.LongText(300_000, true),
		"one line":      testdocument.LongText(300_000, false),
		"no spaces":     strings.Repeat("abcdefghij漢字é", 20_000),
		"empty lines":   strings.Repeat("\n", 70_000) + "end",
		"empty":         "",
		"no characters": strings.Repeat("\x80", 200_000),
		"hostile":       strings.Repeat("a\u202e\x1b[31m\xff\u0301 ", 10_000),
	} {
		p := text.NewPager(content)
		p.Resize(80, 20)
		got := rowsOf(&p)
		for _, row := range got {
			if strings.ContainsAny(row, "\x1b\u202e") {
				t.Fatalf("%s: the row %q is not sanitized", name, row)
			}
		}
		withoutSpaces := func(s string) string { return strings.NewReplacer(" ", "", "◌", "").Replace(s) }
		var want strings.Builder
		for _, line := range model.ShowLines(content) {
			want.WriteString(line.String())
		}
		if a, b := withoutSpaces(strings.Join(got, "")), withoutSpaces(want.String()); a != b {
			t.Errorf("%s: %d bytes of %d are shown", name, len(a), len(b))
		}
		p.Bottom()
		last := p.Visible()[len(p.Visible())-1].String()
		if last != got[len(got)-1] || p.Percent() != 100 {
			t.Errorf("%s: at the bottom %q and %d %%, want %q", name, last, p.Percent(), got[len(got)-1])
		}
	}
}

// TestPagerScrollsBackToTheSameRows: after any movements, the rows on the screen are a part of all rows.
func TestPagerScrollsBackToTheSameRows(t *testing.T) {
	content := testdocument.LongText(400_000, false)
	p := text.NewPager(content)
	p.Resize(40, 10)
	all := rowsOf(&p)
	random := rand.New(rand.NewPCG(1, 2))
	p.Top()
	at := 0
	for range 300 {
		by := random.IntN(4001) - 2000
		p.ScrollBy(by)
		at = max(0, min(at+by, len(all)-10))
		for i, row := range p.Visible() {
			if row.String() != all[at+i] {
				t.Fatalf("row %d is %q, want %q", at+i, row, all[at+i])
			}
		}
	}
}

// TestPagerReadsOnlyWhatItShows: a movement in a text of 15 MB handles a few blocks of it, not the whole text.
func TestPagerReadsOnlyWhatItShows(t *testing.T) {
	content := testdocument.LongText(15_000_000, false)
	p := text.NewPager(content)
	for name, move := range map[string]func(){
		"open":   func() { p.Resize(100, 40) },
		"bottom": p.Bottom,
		"page":   func() { p.Page(-1) },
		"resize": func() { p.Resize(70, 30) },
	} {
		if objects := testing.AllocsPerRun(1, move); objects > 20_000 {
			t.Errorf("%s: %.0f objects are allocated", name, objects)
		}
	}
}

func BenchmarkPager(b *testing.B) {
	p := text.NewPager(testdocument.LongText(15_000_000, false))
	p.Resize(100, 40)
	b.Run("line", func(b *testing.B) {
		for b.Loop() {
			p.ScrollBy(1)
		}
	})
	b.Run("ends", func(b *testing.B) {
		for b.Loop() {
			p.Top()
			p.Bottom()
		}
	})
}
