package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dossier/model"
)

// Report is the result of checking an application directory.
type Report struct {
	Starts   bool      `json:"starts"`
	AppID    string    `json:"app_id,omitempty"` // empty unless it starts
	Findings []Finding `json:"findings"`
}

// Finding is one result at one place of an application directory.
type Finding struct {
	Level string `json:"level"` // "works", "missing", "suspect" or "wrong"
	File  string `json:"file"`
	Key   string `json:"key,omitempty"` // empty: the file as a whole
	Text  string `json:"text"`
}

// findingLevels returns the levels of findings, the most severe first.
func findingLevels() []string { return []string{"wrong", "suspect", "missing", levelWorks} }

const levelWorks = "works"

func (s *commands) doctor() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use: "doctor --app DIR", Short: "Check an application directory",
		Long: "Reads the whole directory and prints one line per finding:\n" +
			"wrong: the application does not start; suspect: it starts, but a setting looks like a mistake;\n" +
			"missing: dossier does not support it; works: no problem; listed only with --all.\n" +
			"The exit code is 0 if the application starts, 1 if it does not.",
		Args: checkArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if s.options.App == "" {
				return model.InvalidInputf("doctor", "expected --app DIR")
			}
			e, err := s.Examine(c.Context(), s.options.App)
			if err != nil {
				return err
			}
			if err := s.printExamined(e, all); err != nil {
				return err
			}
			if !e.Starts {
				return &model.Fault{Kind: model.Failed, Message: "the application in " + s.options.App + " does not start",
					Advice: "correct the findings that are wrong"}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "also list what works")
	return c
}

func (s *commands) printExamined(e Report, all bool) error {
	if s.options.JSON {
		return s.printJSON(e)
	}
	var counts []string
	for _, level := range findingLevels() {
		n := 0
		for _, f := range e.Findings {
			if f.Level != level {
				continue
			}
			if n++; level != levelWorks || all {
				s.printLine("%-8s %s", f.Level, f.String())
			}
		}
		if n > 0 {
			counts = append(counts, countText(n, level))
		}
	}
	summary := countText(len(e.Findings), "finding")
	switch {
	case len(counts) == 1 && strings.HasSuffix(counts[0], " work"):
		summary += ", all work"
	case len(counts) > 0:
		summary += ", " + strings.Join(counts, ", ")
	}
	if e.Starts {
		s.printLine("%s can start: %s", model.Show(e.AppID), summary)
	} else {
		s.printLine("the application does not start: %s", summary)
	}
	return nil
}

// countText returns the number of findings of a level, or of all: "2 missing", "1 works", "9 work", "9 findings".
func countText(n int, level string) string {
	switch {
	case n == 1:
	case level == levelWorks:
		level = "work"
	case level == "finding":
		level = "findings"
	}
	return fmt.Sprintf("%d %s", n, level)
}

// String returns the finding as "file: key: text", sanitized.
func (f Finding) String() string {
	text := f.File + ": " + f.Text
	if f.Key != "" {
		text = f.File + ": " + f.Key + ": " + f.Text
	}
	return model.Show(text).String()
}
