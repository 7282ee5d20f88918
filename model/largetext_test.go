package model

import (
	"bytes"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// TestSearchFindsTextAtEveryPosition: long text is searched in pieces; a match at their ends is found, in any letter
// case and also where a letter has another length in lower case.
func TestSearchFindsTextAtEveryPosition(t *testing.T) {
	const fill = "äx"
	for _, needle := range []string{"n", "needle", "NÉEDLE", "İstanbul", "\u212aelvin", "漢字"} {
		for shift := range 40 {
			for _, at := range []int{0, pieceBytes - 20, 2*pieceBytes - 20, 3 * pieceBytes} {
				before := strings.Repeat(fill, (at+shift)/len(fill)) + strings.Repeat(".", shift%3)
				text := before + needle + strings.Repeat(fill, pieceBytes/2)
				s, _ := newMatcher(Query{Text: strings.ToLower(needle)}, nil)
				if !s.matchesText([]byte(text)) {
					t.Fatalf("%q is not found at byte %d", needle, len(before))
				}
				if s.matchesText([]byte(strings.ReplaceAll(text, needle, "-"))) {
					t.Fatalf("%q is found where it is not", needle)
				}
			}
		}
	}
}

// TestSearchInBytesThatStartNoCharacter: a long text of such bytes, which has no place to divide it between characters,
// is searched to its end.
func TestSearchInBytesThatStartNoCharacter(t *testing.T) {
	text := bytes.Repeat([]byte{0x80}, 3*pieceBytes)
	for needle, want := range map[string]bool{"needle": true, "absent": false} {
		s, _ := newMatcher(Query{Text: needle}, nil)
		if got := s.matchesText(append(bytes.Clone(text), "a needle"...)); got != want {
			t.Errorf("%q is found: %t", needle, got)
		}
	}
	if p := Preview(ValueOf(string(text))); len(p) < previewBytes {
		t.Errorf("the preview has %d bytes", len(p))
	}
}

// TestSearchIgnoresCaseAsBytesToLower: the pieces in lower case are those of bytes.ToLower.
func TestSearchIgnoresCaseAsBytesToLower(t *testing.T) {
	g := newGenerator(3)
	for range 2000 {
		text := []byte(g.text() + "ÀÉİǅ\xff\xc3" + g.text())
		if got, want := appendLower(nil, text), bytes.ToLower(text); !bytes.Equal(got, want) {
			t.Fatalf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestShowOfPlainRuns: runs of plain characters that are written at once give the same text as one cluster at a time.
func TestShowOfPlainRuns(t *testing.T) {
	g := newGenerator(4)
	for range 5000 {
		text := g.text() + "plain text " + g.text() + "e" + g.text() + "1\ufe0f\u20e3 e\u0301 x\u200dy"
		for _, whole := range []bool{false, true} {
			quick, slow := sanitizer{whole: whole}, sanitizer{whole: whole}
			quick.writeText(text)
			for rest := text; rest != ""; {
				var c string
				c, rest = nextCluster(rest)
				slow.writeCluster(c)
			}
			if quick.out.String() != slow.out.String() {
				t.Fatalf("%q is shown as %q, want %q", text, quick.out.String(), slow.out.String())
			}
		}
	}
}

// TestPreviewOfLongText: a preview ends before the limit, between two characters, and does not copy the value.
func TestPreviewOfLongText(t *testing.T) {
	for _, kind := range []any{strings.Repeat("é", 1<<20), bson.Symbol(strings.Repeat("漢", 1<<20)),
		bson.JavaScript("x" + strings.Repeat("👍", 1<<20))} {
		v := ValueOf(kind)
		p := Preview(v)
		text, ended := strings.CutSuffix(p, "…")
		if !ended || len(text) > previewBytes || len(text) < previewBytes-4 || !strings.HasPrefix(Text(v), text) {
			t.Errorf("%s: %d bytes, ends in %q", KindOf(v), len(p), p[len(p)-8:])
		}
		if n := testing.AllocsPerRun(10, func() { Preview(v) }); n > 2 {
			t.Errorf("%s: %.0f objects are allocated", KindOf(v), n)
		}
	}
}

func TestByteSize(t *testing.T) {
	for n, want := range map[int]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 785_999: "785 kB",
		16_776_000: "16.8 MB"} {
		if got := ByteSize(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
