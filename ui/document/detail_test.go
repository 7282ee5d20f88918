package document_test

import (
	"image"
	"strings"
	"testing"

	"dossier/ui/uitest"
)

// TestALongValueOfTheDatabaseIsCutWithAMark: it has two lines, also below the line about the draft.
func TestALongValueOfTheDatabaseIsCutWithAMark(t *testing.T) {
	for name, edit := range map[string]func(*uitest.Driver){
		"without a draft": func(*uitest.Driver) {},
		"with a draft":    func(d *uitest.Driver) { d.Press("e", "ctrl+u").Type("my text").Press("enter") },
	} {
		backend, user := uitest.Demo()
		d := uitest.Start(t, backend, uitest.Options{Size: image.Pt(100, 40)})
		d.Press("home", "down", "down", "down")
		edit(d)
		user.ChangeField("favoriteColor", strings.Repeat("words of the text ", 40))
		d.Press("c", "esc").See("─ favoriteColor", "the database holds words")
		lines := strings.Split(d.Frame(), "\n")
		for i, line := range lines {
			if !strings.Contains(line, "the database holds") {
				continue
			}
			first, _, _ := strings.Cut(strings.TrimPrefix(lines[i+1], "│"), "│")
			if first = strings.TrimSpace(first); !strings.HasPrefix(first, "words") && !strings.HasPrefix(first, "of") &&
				!strings.HasPrefix(first, "the") && !strings.HasPrefix(first, "text") || !strings.HasSuffix(first, "…") {
				t.Errorf("%s: the second line is %q\n%s", name, first, d.Frame())
			}
		}
		d.Close()
	}
}
