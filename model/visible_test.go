package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestShow(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"plain ~ text", "plain ~ text"},
		{"Zoë 漢字 नमस्ते 각", "Zoë 漢字 नमस्ते 각"},
		// 1. invalid UTF-8
		{"a\xff\xc3b", `a⟨\xff⟩⟨\xc3⟩b`},
		{"\xed\xa0\x80", `⟨\xed⟩⟨\xa0⟩⟨\x80⟩`},
		// 2. controls
		{"\x1b]8;;x\x07\b\r\x00\x7f\u009b", `⟨^[⟩]8;;x⟨^G⟩⟨^H⟩⟨^M⟩⟨^@⟩⟨^?⟩⟨\u009b⟩`},
		{"a\tb\nc\r\nd", "a→b⏎c⟨^M⟩⏎d"},
		// 3. bidi controls
		{"\u061c\u200e\u200f\u202a\u202e\u2066\u2069", "⟨U+061C⟩⟨U+200E⟩⟨U+200F⟩⟨U+202A⟩⟨U+202E⟩⟨U+2066⟩⟨U+2069⟩"},
		// 4. invisible
		{"a\u200bb\u200c\u200d\u2060\u2064\ufeff\u00ad\u034f",
			"a⟨U+200B⟩b⟨U+200C⟩⟨U+200D⟩⟨U+2060⟩⟨U+2064⟩⟨U+FEFF⟩⟨U+00AD⟩⟨U+034F⟩"},
		{"\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0", "⟨U+115F⟩⟨U+1160⟩⟨U+17B4⟩⟨U+17B5⟩⟨U+180E⟩⟨U+3164⟩⟨U+FFA0⟩"},
		{"\U000e0001\U000e007fa\ufe0f\ufe00\U000e0100", "⟨U+E0001⟩⟨U+E007F⟩a⟨U+FE0F⟩⟨U+FE00⟩⟨U+E0100⟩"},
		// joined emoji, whose width depends on the terminal
		{"👨\u200d👩\u200d👧 ❤\ufe0f ❤\ufe0f\u200d🔥 👍🏽 👩🏽\u200d🚀 1\ufe0f\u20e3 🇩🇪",
			"👨⟨U+200D⟩👩⟨U+200D⟩👧 ❤ ❤⟨U+200D⟩🔥 👍⟨U+1F3FD⟩ 👩⟨U+1F3FD⟩⟨U+200D⟩🚀 1\u20e3 🇩🇪"},
		// letters that are joined in some terminals only
		{"กำ น้ำ ກຳ", "ก\u0e4d\u0e32 น\u0e49\u0e4d\u0e32 ກ\u0ecd\u0eb2"},
		{"\u1112\u1161\u11ab \u1161 \u1112\ud7b0 \u1100가", "\ud55c ⟨U+1161⟩ \u1112⟨U+D7B0⟩ \u1100⟨U+AC00⟩"},
		{"नि स्ते ｶﾞ கோ", "नि स्ते ｶﾞ கோ"},
		{"👨\u200d", "👨⟨U+200D⟩"},
		{"👨\u200da", "👨⟨U+200D⟩a"},
		{"👍\ufe0f\ufe0f", "👍⟨U+FE0F⟩"},
		{"1\ufe0f", "1⟨U+FE0F⟩"},
		{"❤\ufe0e", "❤⟨U+FE0E⟩"},
		{"👍🏽🏽", "👍⟨U+1F3FD⟩⟨U+1F3FD⟩"},
		{"a🏽", "a⟨U+1F3FD⟩"},
		// 5. separators, noncharacters, private use, unassigned
		{"\u2028\u2029\ufdd0\U0010ffff\ue000\u0378", "⟨U+2028⟩⟨U+2029⟩⟨U+FDD0⟩⟨U+10FFFF⟩⟨U+E000⟩⟨U+0378⟩"},
		// 6. too many combining marks
		{"a" + strings.Repeat("\u0301", 8), "a" + strings.Repeat("\u0301", 8)},
		{"a" + strings.Repeat("\u0301", 1000) + "b", "a" + strings.Repeat("\u0301", 8) + "⟨+992⟩b"},
		{"\u0301", "◌\u0301"},
		{"\x1b\u0301", "⟨^[⟩◌\u0301"},
		{strings.Repeat("क्", 20) + "क", strings.Repeat("क्", 8) + "क⟨+24⟩"},
		// Data cannot contain the brackets of a mark.
		{"⟨^[⟩", "⟨U+27E8⟩^[⟩"},
	} {
		if got := Show(c.raw).String(); got != c.want {
			t.Errorf("Show(%q)\n got %q\nwant %q", c.raw, got, c.want)
		}
	}
}

// TestCopiedTextKeepsItsEmoji: marks in place of what misleads, but sequences that only a screen draws in parts are
// whole.
func TestCopiedTextKeepsItsEmoji(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽 1\ufe0f\u20e3 กำ\nᄀ가", "👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽 1\ufe0f\u20e3 กำ\nᄀ가"},
		{"a\r\n\x1b[31m\u202e", "a⟨^M⟩\n⟨^[⟩[31m⟨U+202E⟩"},
		{strings.Repeat("👨\u200d", 5) + "👨", "👨\u200d👨\u200d👨\u200d👨⟨U+200D⟩👨⟨U+200D⟩👨"},
		{strings.Repeat("ᄀ", 10), "ᄀᄀᄀ⟨+7⟩"},
		{"", ""},
	} {
		if got := Clean(c.raw); got != c.want {
			t.Errorf("Clean(%q)\n got %q\nwant %q", c.raw, got, c.want)
		}
	}
}

func TestShowLines(t *testing.T) {
	var got []string
	for _, line := range ShowLines("a\r\nb\tc\n\nd\re") {
		got = append(got, line.String())
	}
	if want := []string{"a⟨^M⟩", "b→c", "", "d⟨^M⟩e"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ShowLines(""); len(got) != 1 || got[0].String() != "" {
		t.Errorf("empty text: %q", got)
	}
}

func TestStyleMarks(t *testing.T) {
	style := func(mark string) string { return "<" + mark + ">" }
	for _, c := range []struct {
		v    Visible
		want string
	}{
		{Show("a\x1bb\u202e"), "a<⟨^[⟩>b<⟨U+202E⟩>"},
		{Show("plain⟩"), "plain⟩"},
		{Show("ab\u202e").Clip(6), "ab<⟨U+…>"},
		{Visible{}, ""},
	} {
		if got := c.v.StyleMarks(style); got != c.want {
			t.Errorf("StyleMarks = %q, want %q", got, c.want)
		}
	}
}

// corpus is text in many scripts, as names of users contain it.
var corpus = []string{
	"plain", "Zoë", "e\u0301", "漢字かなカナ", "ﾊﾟﾋﾟ", "한글 각", "Ελληνικά", "Привет", "שלום", "مرحبا", "ภาษาไทย กำ",
	"नमस्ते क्षि", "বাংলা ক্ষ", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം ന്ന",
	"ခမာ", "ក្ក", "ភាសាខ្មែរ", "ລາວ", "👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f\u200d🔥", "🇩🇪🇫🇷🇯", "1\ufe0f\u20e3", "👍🏽",
	"☰ ䷀ 〰 ㊙ ⸺", "→⏎•…⟨⟩", "½ € ™ ©\ufe0f", "ﬁ", "𝔘𝔫𝔦", "𐍈",
}

func TestWidthMatchesRenderer(t *testing.T) {
	for _, raw := range corpus {
		v := Show(raw)
		if got, want := v.Width(), ansi.StringWidthWc(v.String()); got != want {
			t.Errorf("%q takes %d cells, the renderer measures %d", v, got, want)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		// only a sample of the large scripts
		if (unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hangul, r) || !unicode.IsGraphic(r)) && r%97 != 0 {
			continue
		}
		for _, raw := range []string{string(r), "a" + string(r) + "a", "क्" + string(r) + "क"} {
			if v := Show(raw); v.Width() != ansi.StringWidthWc(v.String()) {
				t.Errorf("%+q, shown as %q, takes %d cells, the renderer measures %d", raw, v, v.Width(),
					ansi.StringWidthWc(v.String()))
			}
		}
	}
}

// TestWidthIsTheSameByCharacterAndByCluster: what is drawn in parts takes the same cells in terminals that add up the
// characters (xterm, tmux) and in those that measure clusters. Spacing marks and conjuncts of Indic scripts, and the
// half-width voiced marks, have no such parts; they take the cells of their characters.
func TestWidthIsTheSameByCharacterAndByCluster(t *testing.T) {
	for _, raw := range []string{
		"👩\u200d👩\u200d👧", "👍🏽", "👩🏽\u200d🦰", "❤\ufe0f", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈",
		"🏴\u200d☠\ufe0f", "©\ufe0f", "🇩🇪🇫🇷🇯",
		"กำ น้ำ", "ກຳ", "\u1112\u1161\u11ab", "\u1161", "\u1100\u1100\u1161", "\u1100가", "\u1112\ud7b0", "か\u3099", "e\u0301",
		"漢字", "שלום", "مرحبا",
	} {
		shown := Show(raw).String()
		if characters, clusters := ansi.StringWidthWc(shown), ansi.StringWidth(shown); characters != clusters {
			t.Errorf("%q, shown as %q, takes %d cells by character and %d by cluster", raw, shown, characters, clusters)
		}
	}
	for raw, want := range map[string]int{"नि": 2, "स्ते": 2, "கோ": 2, "ｶﾞ": 2} { // as xterm and tmux count
		if got := Show(raw).Width(); got != want {
			t.Errorf("%q takes %d cells, want %d", raw, got, want)
		}
	}
}

// hostileText returns random text composed of problematic pieces.
func hostileText(rnd *rand.Rand) string {
	pieces := append([]string{
		"\x1b[31m", "\x1b]0;", "\r", "\t", "\n", "\u0301", "\u20e3", "\ufe0f", "\u200d", "\u202e", "🏽", "\U000e0067", "ൎ",
		"\xff", "\xe2\x82", "क", "्", "ि", "ᄀ", "ᅡ", "ᆨ",
		"🇩", "ﾞ", "0", " ", "⟨", "ำ", "\u0600", "ക", "്", "〮", "©", "#",
	}, corpus...)
	var b strings.Builder
	for range rnd.IntN(12) {
		b.WriteString(pieces[rnd.IntN(len(pieces))])
	}
	return b.String()
}

// checkVisible fails when the sanitized text contains a character that a terminal interprets or a reader cannot see.
func checkVisible(t *testing.T, raw string) {
	t.Helper()
	v := Show(raw)
	text := v.String()
	if !utf8.ValidString(text) {
		t.Fatalf("Show(%q) = %q is not UTF-8", raw, text)
	}
	var prev rune
	for i, r := range text {
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case r == zwj && (pictographic(prev) || prev == emojiStyle || emojiModifier(prev)) && pictographic(next):
		case r == emojiStyle && (pictographic(prev) || next == keycap):
		case r != ' ' && !unicode.IsGraphic(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r),
			unicode.Is(unicode.Bidi_Control, r),
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			t.Fatalf("Show(%q) = %q contains U+%04X", raw, text, r)
		}
		prev = r
	}
	if again := Show(text).String(); strings.ReplaceAll(again, "⟨U+27E8⟩", "⟨") != text {
		t.Fatalf("Show(%q) = %q, sanitized again %q", raw, text, again)
	}
	width := v.Width()
	if want := ansi.StringWidthWc(text); width != want {
		t.Fatalf("Show(%q) = %q takes %d cells, the renderer measures %d", raw, text, width, want)
	}
	for n := -1; n < 14; n++ {
		clipped, padded := v.Clip(n), v.Pad(n)
		if clipped.Width() > max(0, n) || width <= n && clipped != v || n > 0 && width > n &&
			!strings.HasSuffix(clipped.String(), "…") {
			t.Fatalf("%q clipped to %d is %q of width %d", v, n, clipped, clipped.Width())
		}
		if direct := Clip(raw, n); direct != clipped {
			t.Fatalf("Clip(%q, %d) = %q, want %q", raw, n, direct, clipped)
		}
		if padded.Width() != max(0, n) || ansi.StringWidthWc(padded.String()) != max(0, n) {
			t.Fatalf("%q padded to %d is %q of width %d", v, n, padded, padded.Width())
		}
		for _, line := range v.Wrap(n) {
			if line.Width() > max(1, n) {
				t.Fatalf("%q wrapped to %d has the line %q", v, n, line)
			}
		}
	}
}

func TestShowHostile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		checkVisible(t, hostileText(rnd))
	}
}

func FuzzShow(f *testing.F) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f.Add(hostileText(rnd))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if len(raw) < 4096 {
			checkVisible(t, raw)
		}
	})
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		raw   string
		width int
		want  string
	}{
		{"hello", 5, "hello"}, {"hello", 4, "hel…"}, {"hello", 1, "…"}, {"hello", 0, ""}, {"hello", -3, ""},
		{"漢字", 4, "漢字"}, {"漢字", 3, "漢…"}, {"漢字", 2, "…"}, {"漢字", 1, "…"},
		{"👨\u200d👩\u200d👧ab", 5, "👨⟨U…"}, {"", 3, ""},
	} {
		if got := Show(c.raw).Clip(c.width).String(); got != c.want {
			t.Errorf("%q clipped to %d is %q, want %q", c.raw, c.width, got, c.want)
		}
	}
	if got := Show("漢字").Pad(3).String(); got != "漢…" {
		t.Errorf("padded %q", got)
	}
	if got := Show("漢").Pad(5).String(); got != "漢   " {
		t.Errorf("padded %q", got)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		raw   string
		width int
		want  []string
	}{
		{"the quick brown fox", 10, []string{"the quick", "brown fox"}},
		{"the quick brown fox", 9, []string{"the quick", "brown fox"}},
		{"abcdefgh ij", 3, []string{"abc", "def", "gh", "ij"}},
		{"a bcdefgh", 4, []string{"a", "bcde", "fgh"}},
		{"漢字漢字", 3, []string{"漢", "字", "漢", "字"}},
		{"漢a", 1, []string{"…", "a"}},
		{"", 5, []string{""}},
		{"  indented", 20, []string{"  indented"}},
	} {
		var got []string
		for _, line := range Show(c.raw).Wrap(c.width) {
			got = append(got, line.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q wrapped to %d is %q, want %q", c.raw, c.width, got, c.want)
		}
	}
}

func BenchmarkShow(b *testing.B) {
	text := strings.Repeat("Zoë lives in 東京 👍🏽. ", 50)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Show(text)
	}
}
