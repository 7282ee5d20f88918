package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dossier/model"
)

// Examined is what there is to say about an application directory.
type Examined struct {
	Starts   bool      `json:"starts"`
	AppID    string    `json:"app_id,omitempty"` // empty when it does not start
	Findings []Finding `json:"findings"`
}

// Finding is what was found at one place of an application directory.
type Finding struct {
	Level string `json:"level"` // "works", "missing", "suspect" or "wrong"
	File  string `json:"file"`
	Key   string `json:"key,omitempty"` // empty: the file as a whole
	Text  string `json:"text"`
}

// levels are those of findings, from what needs a hand to what is well.
func levels() []string { return []string{"wrong", "suspect", "missing", works} }

const works = "works"

func (s *commands) doctor() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use: "doctor --app DIR", Short: "Say what of an application directory works, what does not, and what looks wrong",
		Long: "Reads the whole directory and prints one line a finding: wrong, the application does not start; suspect, it starts but hardly does what was meant; " +
			"missing, dossier does not do it; and with --all also what works. The exit code is 0 when it would start, 1 when it would not.",
		Args: arguments,
		RunE: func(*cobra.Command, []string) error {
			if s.options.App == "" {
				return model.InvalidInputf("doctor", "needs --app DIR: the application directory to look at")
			}
			e, err := s.Examine(s.options.App)
			if err != nil {
				return err
			}
			if err := s.printExamined(e, all); err != nil {
				return err
			}
			if !e.Starts {
				return &model.Fault{Kind: model.Failed, Message: "the application in " + s.options.App + " does not start", Advice: "correct what is wrong"}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "name what works too")
	return c
}

func (s *commands) printExamined(e Examined, all bool) error {
	if s.options.JSON {
		return s.json(e)
	}
	var counts []string
	for _, level := range levels() {
		n := 0
		for _, f := range e.Findings {
			if f.Level != level {
				continue
			}
			if n++; level != works || all {
				s.line("%-8s %s", f.Level, f.show())
			}
		}
		if n > 0 {
			counts = append(counts, count(n, level))
		}
	}
	if e.Starts {
		s.line("the application %s starts: %s", model.Show(e.AppID), strings.Join(counts, ", "))
	} else {
		s.line("the application does not start: %s", strings.Join(counts, ", "))
	}
	return nil
}

// count is how many findings of a level there are, in the words of the lines above: "2 missing", "1 works", "9 work".
func count(n int, level string) string {
	if level == works && n != 1 {
		level = "work"
	}
	return fmt.Sprintf("%d %s", n, level)
}

// show is the finding as "file: key: text".
func (f Finding) show() string {
	text := f.File + ": " + f.Text
	if f.Key != "" {
		text = f.File + ": " + f.Key + ": " + f.Text
	}
	return model.Show(text).String()
}
