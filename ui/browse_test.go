package ui_test

import (
	"regexp"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// TestFieldsOfTheDatabaseAndOfTheDraftAreRows: fields that the snapshot does not have are rows, at their place.
func TestFieldsOfTheDatabaseAndOfTheDraftAreRows(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	user.ChangeField("address.planet", "Earth")
	user.ChangeField("shoeSize", int32(43))
	d.Press("c", "esc").See("shoeSize", "43").DontSee("planet")
	d.Press("/").Type("planet").Press("enter")
	d.Press("home", "esc").DontSee("planet")
	d.Press("+").See("planet", "Earth")
}

// TestTheCursorFollowsAFieldThatIsAdded: in the draft, in the document, and after a removal it is on the next field.
func TestTheCursorFollowsAFieldThatIsAdded(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("end", "a").Type("zebra").Press("tab").Type("striped").Press("enter").See("─ zebra ─", "striped")
	d.Press("ctrl+s", "s").See("─ zebra ─", "striped")
	d.Press("home", "down", "down").See("─ description ─").Press("d", "ctrl+s").See("review")
	d.Press("s").See("─ favoriteColor ─")
}

// TestOnlyOutdatedFieldsOrOnlyMatches: the filter says what it hides, and the folding before it returns.
func TestOnlyOutdatedFieldsOrOnlyMatches(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("&").See("no field is outdated")
	user.ChangeField("address.city", "Paris")
	user.ChangeField("address.planet", "Earth")
	d.Press("c", "esc", "&").See("city", "planet", "address", "only outdated: 2 of 29 fields", "& shows all")
	d.DontSee("favoriteColor", "country   ")
	user.ChangeField("favoriteColor", "black")
	d.Press("c", "esc").See("only outdated: 3 of 29 fields", "favoriteColor")
	d.Press("r").See("No field is outdated.", "& shows all fields").Press("&").See("userId").DontSee("only outdated",
		"shows all")

	d.Press("/").Type("an").Press("enter", "&").See("only matches: 5 of 29 fields").DontSee("loginCount")
	d.Press("esc").See("loginCount").DontSee("only matches")
}

// TestOrderOfTheRows: each order is named; arrays keep theirs, and the cursor stays on its field.
func TestOrderOfTheRows(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	user.ChangeField("bio", "shorter")
	d.Press("c", "esc", "end").See("─ bio ─").Press("o").See("by name", "o changes the order", "─ bio ─")
	inOrder(t, d, "_id", "address", "bio", "dateOfBirth", "userId")
	d.Press("o").See("by type")
	inOrder(t, d, "description", "loginCount", "newsletter", "address", "tags")
	d.Press("o").See("changed first")
	inOrder(t, d, "bio", "_id", "userId", "description")
	d.Press("o").DontSee("changes the order")
	inOrder(t, d, "_id", "userId", "description", "bio")
}

// inOrder fails the test unless rows with these names are shown, one below the other.
func inOrder(t *testing.T, d *uitest.Driver, names ...string) {
	t.Helper()
	frame, from := d.Frame(), 0
	for _, name := range names {
		at := regexp.MustCompile(`(?m)^[^\p{L}\n]*` + name + `  `).FindStringIndex(frame[from:])
		if at == nil {
			t.Fatalf("%s is not below the names before it of %q in\n%s", name, names, frame)
		}
		from += at[1]
	}
}

// TestStepsThroughTheOutdatedFields opens their parents, and says when it starts again.
func TestStepsThroughTheOutdatedFields(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("]").See("no field is outdated")
	user.ChangeField("favoriteColor", "black")
	user.ChangeField("devices.1.os", "Plan 9")
	user.ChangeField("zebra", true)
	d.Press("c", "esc", "]").See("─ favoriteColor ─").Press("]").See("─ devices › 1 › os ─").Press("]").See("─ zebra ─")
	d.Press("]").See("─ favoriteColor ─", "continued with the first")
	d.Press("[").See("─ zebra ─", "continued with the last").Press("[").See("─ devices › 1 › os ─")
}

// TestJumpToAField completes paths, shows the fields they can be completed to, and names the key that is missing.
func TestJumpToAField(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press(":").See("devices", "go there").Type("de").See("description", "devices").Press("down", "down", "tab")
	d.See("devices.0", "devices.1").Type("1.").See("devices.1.os").Type("o").Press("enter").See("─ devices › 1 › os ─")
	d.Press(":").Type("address.nothing").Press("enter").See("address has no field nothing", "enter goes to address")
	d.Press("enter").See("─ address ─").DontSee("no field")
	d.Press(":").Type("tags").Press("esc").See("─ address ─").DontSee("go there")
	d.Press(":").Type("a..b").Press("enter").See("column 3: empty key")
	d.Press("esc", ":").Type("devi").Press("tab").Type("0").Press("enter").See("─ devices › 0 ─")
	d.Press(":").Press("down", "down", "enter").See("─ userId ─")
}

func TestJumpToAKeyThatEndsWithADot(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetDocument(uitest.Document(bson.D{{Key: "userId", Value: user.ID()}, {Key: "ends.", Value: 1}}))
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("r", ":").Type(`ends\.`).Press("enter").See("─ ends. ─")
}

// TestOptionsOfTheSearch: regular expressions with their mistakes, names or values, upper-case letters.
func TestOptionsOfTheSearch(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("/").See("plain, names and values", "ctrl+r regular expression on/off").Type("^l.*n").See("no matches")
	d.Press("ctrl+r").See("regular expression, names and values · 1 of 4")
	d.Type("(").See("missing closing )").Press("backspace", "ctrl+t")
	d.See("regular expression, names · 1 of 2").Press("ctrl+t").See("regular expression, values · 1 of 2")
	d.Press("esc", "/").See("regular expression, values").Press("ctrl+r", "ctrl+t").Type("london").See("1 of 1")
	d.Press("ctrl+u").Type("LOndon").See("no matches").Press("ctrl+u").Type("1990-07-02T00").See("1 of 1",
		"─ dateOfBirth ─")
	d.Press("ctrl+u").Type("5f1f216e82df").See("1 of 1").Press("ctrl+u").Type("7516192768").See("─ storageUsed ─")
}

// TestFindFoldsAgain: what the search opened is folded when it ends, and other values of a field are found too.
func TestFindFoldsAgain(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	user.ChangeField("address.city", "Paris")
	d.Press("c", "esc", "/").Type("paris").See("1 of 1", "─ address › city ─").Press("esc").See("─ _id ─").DontSee("city")
	d.Press("/").Type("os").See("─ devices › ").Press("enter", "esc").See("devices").DontSee("matches")
}

// TestLevelsOfTheDocument opens the document to a level.
func TestLevelsOfTheDocument(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("3").See("city", "Pixel 9  ").Press("2").See("city").DontSee("Pixel 9  ")
	d.Press("1").See("address").DontSee("city")
	d.Press("?").See("1 to 9", "open to that level")
}

// TestAClickSelectsThenOpens: a click on the fold sign opens at once.
func TestAClickSelectsThenOpens(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.ClickOn("address").See("─ address ─").DontSee("Analytical Row  ").ClickOn("address").See("Analytical Row  ")
	d.ClickOn("▸ tags").See("─ tags ─", "early adopter")
}

// TestValuesOfTheDraftAreFound: the value that the draft sets, and the field that it adds.
func TestValuesOfTheDraftAreFound(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("down", "down", "down", "e").See("favoriteColor").Press("ctrl+u").Type("ultramarine").Press("enter")
	d.Press("home", "/").Type("ultram").See("1 of 1", "─ favoriteColor ─").Press("esc")
	d.Press("end", "a").Type("zebra").Press("tab").Type("striped").Press("enter").See("─ zebra ─")
	d.Press("home", "/").Type("stripe").See("1 of 1", "─ zebra ─").Press("esc", "&").See("no field is outdated")
}

// TestAFieldThatOnlyTheDatabaseHasIsEdited: its row takes the keys of every other row.
func TestAFieldThatOnlyTheDatabaseHasIsEdited(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	user.ChangeField("shoeSize", int32(43))
	d.Press("c", "esc", "]").See("─ shoeSize ─").Press("e", "ctrl+u").Type("44").Press("enter", "ctrl+s").See("43", "44")
	d.Press("enter").See("─ shoeSize ─", "44").DontSee("only in the database")
}

// The filter says that the search on the screen found nothing.
func TestTheFilterKnowsTheSearch(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("/").Type("^2026").Press("enter", "&").See("no match for ^2026")
}
