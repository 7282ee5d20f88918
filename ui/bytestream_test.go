package ui_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// The sequences that the screen writes: the last bytes of control sequences, and the commands of OSC.
var (
	controlFinals = "ABCDGHJKLMPSTXZ@`abdefghlmnpqrstu"
	oscCommands   = []int{0, 2, 10, 11, 12, 110, 111, 112, 7501}
)

// onlyOwnSequences fails the test unless a byte stream has only sequences that the screen writes itself, and no other
// control character.
func onlyOwnSequences(t *testing.T, stream []byte) {
	t.Helper()
	if seq, rest := foreignSequence(stream); seq != nil {
		t.Fatalf("the screen wrote %q before %.60q", seq, rest)
	}
}

// foreignSequence returns the first sequence that the screen does not write itself, and what follows; nil: there is
// none.
func foreignSequence(stream []byte) (seq, rest []byte) {
	parser, state := ansi.NewParser(), byte(0)
	for len(stream) > 0 {
		seq, _, n, next := ansi.DecodeSequence(stream, state, parser)
		stream, state = stream[n:], next
		if !isOwn(seq, parser.Command()) {
			return seq, stream
		}
	}
	return nil, nil
}

func isOwn(seq []byte, command int) bool {
	one := func(set string, b byte) bool { return strings.IndexByte(set, b) >= 0 }
	switch {
	case bytes.HasPrefix(seq, []byte("\x1b[")):
		return one(controlFinals, seq[len(seq)-1])
	case bytes.HasPrefix(seq, []byte("\x1b]")):
		return slices.Contains(oscCommands, command) && !bytes.Contains(seq, []byte("owned"))
	case seq[0] == '\x1b':
		return len(seq) == 2 && one("78=>M", seq[1])
	case len(seq) == 1 && (seq[0] < ' ' || seq[0] == 0x7f):
		return one("\r\n\b\t", seq[0])
	}
	r, _ := utf8.DecodeRune(seq)
	return r != utf8.RuneError && (r < 0x80 || r > 0x9f)
}

func TestForeignSequencesAreFound(t *testing.T) {
	for _, foreign := range []string{"\x1b]0;owned\a", "\x1b]52;c;eA==\a", "\x1b]8;;https://a.example\a", "\x1bPq\x1b\\",
		"\x1b_Ga=T\x1b\\", "\x1bc", "\x1b[5i", "\a", "\x7f", "\u009b31m", "\xff"} {
		if seq, _ := foreignSequence([]byte("text " + foreign + " text")); seq == nil {
			t.Errorf("%q is not found", foreign)
		}
	}
	own := "\x1b]2;dossier\a\x1b[?1049h\x1b[2;3H漢字\r\n\x1b[1;38;2;1;2;3mx\x1b[m"
	if seq, _ := foreignSequence([]byte(own)); seq != nil {
		t.Errorf("%q is foreign", seq)
	}
}

// hostileTexts are parts of names and values that attack terminals.
var hostileTexts = []string{"\x1b]0;owned\a", "\x1b[2J", "\x1b[31m", "\x1b]52;c;eA==\a",
	"\x1b]8;;https://a.example\x1b\\x",
	"\x1bPq#0\x1b\\", "\x1bc", "\u009b31m", "\r\n", "\t", "\b\b", "\x00", "\u202e", "\u200b", "\U000e0041", "漢字", "👩‍👩‍👧",
	"e\u0301", "\xff\xfe", "⟨ESC⟩", strings.Repeat("w", 400), "plain"}

// hostileDocument makes a document of bytes: names and values of hostile texts, nested at random.
func hostileDocument(user *uitest.User, data []byte) bson.Raw {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	text := func() string { return hostileTexts[next()%len(hostileTexts)] + hostileTexts[next()%len(hostileTexts)] }
	d := bson.D{{Key: "_id", Value: bson.ObjectID{1}}, {Key: "userId", Value: user.ID()}}
	for i := 0; len(data) > 0 && i < 40; i++ {
		name := strings.ReplaceAll(text(), "\x00", "\x01")
		switch next() % 4 {
		case 0:
			d = append(d, bson.E{Key: name, Value: bson.D{{Key: strings.ReplaceAll(text(), "\x00", "\x02"), Value: text()}}})
		case 1:
			d = append(d, bson.E{Key: name, Value: bson.A{text(), int32(next())}})
		default:
			d = append(d, bson.E{Key: name, Value: text()})
		}
	}
	return uitest.Document(d)
}

// FuzzByteStream operates a screen with a hostile document: the terminal gets no sequence from data, shows in each cell
// what Bubble Tea's renderer shows, and the cursor stays inside.
func FuzzByteStream(f *testing.F) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 6 {
		doc, keys := make([]byte, 60), make([]byte, 30)
		for i := range doc {
			doc[i] = byte(random.IntN(256))
		}
		for i := range keys {
			keys[i] = byte(random.IntN(len(pressed)))
		}
		f.Add(40+random.IntN(160), 12+random.IntN(50), keys, doc)
	}
	f.Fuzz(func(t *testing.T, width, height int, keys, doc []byte) {
		s := newScript(t, width, height)
		s.user.SetDocument(hostileDocument(s.user, doc[:min(len(doc), 200)]))
		s.driver.Press("r", "+")
		shots := []shot{{s.driver.Model.View(), s.size}}
		for i, b := range keys[:min(len(keys), 40)] {
			if s.step(i, b); s.driver.Quit {
				break
			}
			if s.size.X > 0 && s.size.Y > 0 {
				shots = append(shots, shot{s.driver.Model.View(), s.size})
			}
		}
		s.driver.Release()
		sameOnScreen(t, shots, trueColor, len(keys)%2 == 0)
	})
}
