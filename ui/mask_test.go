package ui_test

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/uitest"
)

func TestMaskedDataIsNotVisible(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	d.Press("m")
	secrets := []string{"pink", "purple", "London", "demo@example.com", "Likes long walks", "1990-07", "7516192768", "4.5",
		"5f1f216e82df4a7979f9da", "true", "Pixel", "d•"}
	p.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).DontSee(secrets...).See("favoriteColor", "string", "{4 fields}", "masked", "in 30 min")
	d.Press("+").DontSee(secrets...)
	d.Press("c").DontSee(secrets...).Press("r").DontSee(secrets...).Press("esc")
	d.Press("home", "down", "down", "down", "v").DontSee(secrets...).Press("esc", "s").DontSee(secrets...)
	d.Press("esc", "e").DontSee(secrets...).Press("esc", "D", "down", "down", "enter").DontSee(secrets...)
	if title := d.Model.View().WindowTitle; title != "dossier - id 1" {
		t.Errorf("the window title is %q", title)
	}
	d.Press("esc", "m").See("demo@example.com")
}

func TestCopyingIsRefusedWhileMasked(t *testing.T) {
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Press("m", "down", "y").See("masked: press m to show values before copying").Press("v", "y")
	for range 3 {
		d.Press("esc", "tab", "y")
	}
	for _, copied := range d.Copied {
		if strings.Contains(copied, "@") || strings.Contains(copied, "5f") || strings.Contains(copied, "•") {
			t.Errorf("copied %q", copied)
		}
	}
	d.Press("tab", "Y")
	if !slices.Contains(d.Copied, "userId") {
		t.Errorf("copied %q: the path is not personal data", d.Copied)
	}
}

func TestAValueIsRevealedUntilTheSelectionMoves(t *testing.T) {
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Press("M").See("nothing is masked").Press("m", "down", "down", "down", "M")
	d.See("favoriteColor  pink", "revealed favoriteColor").DontSee("a test document", "revealed favoriteColor pink")
	d.Press("y").See("masked: press m")
	d.Press("v").See("pink").Press("esc", "e").See("› pink").Type("er").See("pinker")
	d.Press("ctrl+s").See("review", "••••• → •••••").Press("D", "d")
	d.See("favoriteColor  pink").Press("down").DontSee("pink").Press("up").DontSee("pink")
	d.Press("M").See("pink").Press("M").DontSee("pink")
	d.Press("M", "m", "m").DontSee("pink")
	d.Press("+", "/").Type("address.zip").Press("enter", "M").See("N1 9GU", "revealed address.zip").DontSee("London")
}

// The field under the cursor can be removed while it is revealed and edited: its value is not shown any more then.
func TestARevealedValueThatDisappearsIsMaskedInItsForm(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	d.Press("end", "m", "M", "e").See("Likes long walks").Type("!")
	p.ChangeField("bio", nil)
	d.Send(nav.Refresh{}).DontSee("Likes long walks").See("› •••••")
}

// A search that matched values would reveal them by the number of its matches.
func TestFindDoesNotRevealMaskedValues(t *testing.T) {
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Press("/").Type("london").See("1 of 1").Press("enter", "m").DontSee("london", "1 of 1")
	d.Press("/").Type("pink").See("no matches").Press("esc", "/").Type("color").See("1 of 1")
}

func TestAMaskedIDHasTheSameAliasEverywhere(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	p.ChangeField("friend", p.ID())
	d.Wait(2*time.Second).Press("m", "r").See("id 1 · normal", "userId         id 1", "friend         id 1")
	d.Press("c").DontSee(p.ID()).Press("esc", "s").See("id 1 ", "id 4 ", "id 5 ").Press("down", "enter")
	d.See(" id 4 ", "id 4 · normal").Press("s", "down", "enter").See(" id 1 ")
}

func TestEditingWhileMaskedShowsNoValue(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	d.Press("m", "down", "down", "down", "e").See("› •••••",
		"masked: typing adds").Type("er").See("› •••••").DontSee("pink")
	d.Press("ctrl+s", "space").See("favoriteColor", "••••• → •••••", `"$type": "string"`).DontSee("pink").Press("enter")
	if v, _ := (model.Path{"favoriteColor"}).Lookup(p.StoredDocument()); v.StringValue() != "pinker" {
		t.Errorf("saved %s", v)
	}
	d.See("favoriteColor: ••••• → •••••").DontSee("pink")
	d.Press("down", "down", "down", "e").See("masked: t true, f false").Press("f", "ctrl+s").DontSee("true →", "false")
	d.Press("D", "d", "home", "a").Type("city").Press("enter").Type("Graz").See("› ••••").DontSee("Graz")
}

// secrets are the values of a random document as the screen would show them.
type secrets []string

func (s *secrets) add(texts ...string) {
	for _, text := range texts {
		for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ' ' || r == '"' }) {
			if len(line) > 3 && !slices.Contains([]string{"true", "false", "null"}, line) {
				*s = append(*s, line[:min(len(line), 12)])
			}
		}
	}
}

// randomValue returns a value of any type.
func randomValue(r *rand.Rand, found *secrets, depth int) any {
	text := func() string {
		letters := []rune("QXZJKVW0918é漢")
		b := make([]rune, 4+r.IntN(12))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	var v any
	switch n := r.IntN(16); n {
	case 0, 1:
		if depth < 3 {
			d := bson.D{}
			for i := range 1 + r.IntN(4) {
				d = append(d, bson.E{Key: fmt.Sprintf("inner%d", i), Value: randomValue(r, found, depth+1)})
			}
			return d
		}
		v = text()
	case 2:
		if depth < 3 {
			a := bson.A{}
			for range r.IntN(4) {
				a = append(a, randomValue(r, found, depth+1))
			}
			return a
		}
		v = text()
	case 3:
		v = int32(100_000 + r.IntN(1_000_000_000))
	case 4:
		v = 1_000_000_000_000 + r.Int64N(1e17)
	case 5:
		v = 100_000 + r.Float64()*1e6
	case 6:
		v = bson.NewDecimal128(0x3040000000000000, 1e12+r.Uint64N(1e15))
	case 7:
		v = bson.DateTime(r.Int64N(900_000_000_000))
	case 8:
		v = r.IntN(2) == 0
	case 9:
		v = bson.ObjectID{0xee, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), 0xab, byte(r.Uint32())}
	case 10:
		v = bson.Binary{Subtype: byte(r.IntN(2) * 4), Data: []byte(text() + text() + text() + text())[:16]}
	case 11:
		v = bson.Regex{Pattern: text(), Options: "i"}
	case 12:
		v = bson.Timestamp{T: 100_000 + r.Uint32N(1e9), I: r.Uint32N(100)}
	case 13:
		v = bson.JavaScript(text())
	case 14:
		v = text() + "\n" + text() + " " + text()
	default:
		v = text()
	}
	value := model.ValueOf(v)
	found.add(model.Text(value), model.Preview(value), model.Show(model.Preview(value)).String(), model.JSON(value))
	return v
}

// The names of extended JSON are no secrets.
func isName(secret string) bool {
	return strings.Contains(secret, "{") || strings.HasPrefix(secret, "$") ||
		slices.Contains([]string{"base64", "subType", "pattern", "options"}, secret)
}

// maskingKeys are the keys that a user presses while sharing the screen, without those that show values on purpose.
var maskingKeys = []string{
	"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "tab", "shift+tab", "enter", "enter", "esc", "space",
	"backspace", "e", "a", "d", "E", "D", "r", "c", "s", "f", "U", "T", "?", "/", "n", "N", "v", "y", "Y", "-", "+", "+",
	"ctrl+t", "ctrl+s", "i", "x", "7", ":", "&", "o", "]", "[", "3", "1", "ctrl+r", "C", "A", "w", "ctrl+_",
}

// While personal data is masked, no value of the document can be read off the screen, the clipboard, the window title
// or the activity, whatever is pressed.
func TestNoMaskedValueCanBeRead(t *testing.T) {
	for seed := range uint64(18) {
		r := rand.New(rand.NewPCG(seed, 14))
		var hidden secrets
		doc := bson.D{}
		for i := range 4 + r.IntN(8) {
			doc = append(doc, bson.E{Key: fmt.Sprintf("field%d", i), Value: randomValue(r, &hidden, 0)})
		}
		w := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
		email := func(name string) string { hidden.add(name); return name + "@secret.example" }
		w.Add(email("OtherQX"), "p", bson.D{{Key: "field0", Value: randomValue(r, &hidden, 0)}})
		p := w.Add(email("OwnerZJ"), "p", doc)
		hidden.add(p.ID(), "secret.example")
		size := []image.Point{{140, 44}, {90, 30}, {60, 20}}[seed%3]
		d := start(t, w, uitest.Options{Size: size}).Press("m")
		var pressed []string
		for range 70 {
			key := maskingKeys[r.IntN(len(maskingKeys))]
			pressed = append(pressed, key)
			d.Press(key)
			switch r.IntN(25) {
			case 0:
				p.ChangeField(fmt.Sprintf("field%d", r.IntN(5)), randomValue(r, &hidden, 1))
				d.Wait(2 * time.Second)
			case 1:
				w.SetFailure(uitest.Failure(r.IntN(5)))
				d.Release()
			case 2:
				d.Send(nav.ShowFault{Fault: &model.Fault{Kind: model.Failed, Op: "save", Message: hidden[0] + " is wrong"}})
			}
			if d.Quit {
				break
			}
			view := d.Model.View()
			seen := d.Frame() + view.WindowTitle + strings.Join(d.Copied, "\n")
			for _, secret := range hidden {
				if !isName(secret) && strings.Contains(seen, secret) {
					t.Fatalf("seed %d: %q can be read after %v\n%s\n%s\n%q", seed, secret, pressed, d.Frame(), view.WindowTitle,
						d.Copied)
				}
			}
		}
	}
}

// Two documents of the same shape look the same while they are masked, whatever their values: neither lengths nor
// faults nor the result of a search tell them apart.
func TestMaskedDocumentsOfTheSameShapeLookTheSame(t *testing.T) {
	shape := func(text string, n int32, yes bool, year int, rating float64) bson.D {
		return bson.D{{Key: "color", Value: text}, {Key: "count", Value: n}, {Key: "news", Value: yes},
			{Key: "born", Value: time.Date(year, 7, 2, 0, 0, 0, 0, time.UTC)}, {Key: "rating", Value: rating},
			{Key: "home", Value: bson.D{{Key: "city", Value: text + "!"}, {Key: "zip", Value: n}}},
			{Key: "tags", Value: bson.A{text, text}}}
	}
	var drivers []*uitest.Driver
	var users []*uitest.User
	for email, doc := range map[string]bson.D{
		"a@b.example": shape("", 7, true, 1990, 1),
		"a.user.with.a.long.name@long.example.com": shape(strings.Repeat("a color with a long name, 漢\n", 20), 1234567, false,
			12, 1234567.25),
	} {
		w := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
		w.Add("other-"+email, "p", doc[:1])
		users = append(users, w.Add(email, "p", doc))
		drivers = append(drivers, start(t, w, wide))
	}
	both := func(what string, do func(*uitest.Driver, *uitest.User)) {
		t.Helper()
		do(drivers[0], users[0])
		do(drivers[1], users[1])
		a, b := drivers[0], drivers[1]
		if a.ANSI() != b.ANSI() || a.Model.View().WindowTitle != b.Model.View().WindowTitle {
			t.Fatalf("after %q the frames differ\n%s\n%s", what, a.Frame(), b.Frame())
		}
	}
	for _, key := range strings.Fields("m + c esc down down v esc y e 7 enter enter U enter down e 7 enter enter down v " +
		"esc d esc down e 7 esc d enter down e 7 enter esc esc d down e esc d enter esc down v esc e esc down e x enter " +
		"enter E esc / c o l o r esc / 1 2 3 esc s esc s down d esc esc D down enter esc D down down enter esc f enter " +
		"[ 7 ] enter esc tab y tab y tab y tab y i esc r c r esc") {
		both(key, func(d *uitest.Driver, _ *uitest.User) { d.Press(key) })
	}
	both("arguments", func(d *uitest.Driver, u *uitest.User) {
		d.Send(nav.CallFunction{Name: "writeCustomUserData", Args: model.JSON(model.ValueOf(bson.A{u.Account().Name}))})
	})
	both("the end of the session", func(d *uitest.Driver, u *uitest.User) {
		u.EndSession()
		d.Press("esc", "esc", "r").Wait(time.Second).See("sign in again")
	})
	if !slices.Equal(drivers[0].Copied, drivers[1].Copied) {
		t.Errorf("copied %q and %q", drivers[0].Copied, drivers[1].Copied)
	}
}
