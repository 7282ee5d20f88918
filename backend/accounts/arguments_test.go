package accounts

import (
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestArgumentsOfCalls(t *testing.T) {
	s, err := Open(Options{Dir: t.TempDir(), Server: "https://example.com", AppID: "app", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	a := s.Arguments()
	if got, err := a.Load("one"); err != nil || len(got) != 0 {
		t.Errorf("at first %v, %v", got, err)
	}
	save := func(function, arguments string) {
		t.Helper()
		if err := a.Save("one", function, arguments); err != nil {
			t.Fatal(err)
		}
	}
	save("f", `["old"]`)
	save("f", `["new \xff"]`)
	save("g", `[1]`)
	save("h", "[2]")
	save("h", "")
	got, err := a.Load("one")
	if want := map[string]string{"f": `["new \xff"]`, "g": "[1]"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if other, _ := a.Load("two"); len(other) != 0 {
		t.Errorf("another account has %v", other)
	}
	info, err := os.Stat(a.path("one"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for i := range 100 {
		save("many"+strconv.Itoa(i), strings.Repeat("x", 10_000))
	}
	if info, err = os.Stat(a.path("one")); err != nil || info.Size() > 300_000 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	if got, _ := a.Load("one"); got["many99"] == "" || got["f"] != "" {
		t.Errorf("the newest are kept, the oldest are not: %d", len(got))
	}
	if err := os.WriteFile(a.path("one"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Load("one"); err != nil || len(got) != 0 {
		t.Errorf("of a damaged file %v, %v", got, err)
	}
}
