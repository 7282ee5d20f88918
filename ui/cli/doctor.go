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

// levels are those of findings from good to bad, and what the summary says of them: what needs a hand stands last, above the prompt.
func levels() [][2]string {
	return [][2]string{{"works", "work"}, {"missing", "do not work here"}, {"suspect", "look wrong"}, {"wrong", "are wrong"}}
}

func (s *commands) doctor() *cobra.Command {
	return &cobra.Command{
		Use: "doctor --app DIR", Short: "Say what of an application directory works, what does not, and what looks wrong",
		Long: "Reads the whole directory and prints one line a finding: works; missing, dossier does not do it; suspect, it starts but hardly does what was meant; " +
			"wrong, the application does not start. The exit code is 0 when it would start, 1 when it would not.",
		Args: arguments,
		RunE: func(*cobra.Command, []string) error {
			if s.options.App == "" {
				return model.Inputf("doctor", "needs --app DIR: the application directory to look at")
			}
			e, err := s.Examine(s.options.App)
			if err != nil {
				return err
			}
			if err := s.printExamined(e); err != nil {
				return err
			}
			if !e.Starts {
				return &model.Fault{Kind: model.Failed, What: "the application in " + s.options.App + " does not start", Do: "correct what is wrong"}
			}
			return nil
		},
	}
}

func (s *commands) printExamined(e Examined) error {
	if s.options.JSON {
		return s.json(e)
	}
	var counts []string
	for _, level := range levels() {
		n := 0
		for _, f := range e.Findings {
			if f.Level == level[0] {
				s.line("%-8s %s", f.Level, f.show())
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, level[1]))
		}
	}
	if e.Starts {
		s.line("the application %s starts: %s", model.Show(e.AppID), strings.Join(counts, ", "))
	} else {
		s.line("the application does not start: %s", strings.Join(counts, ", "))
	}
	return nil
}

// show is the finding as "file: key: text".
func (f Finding) show() string {
	text := f.File + ": " + f.Text
	if f.Key != "" {
		text = f.File + ": " + f.Key + ": " + f.Text
	}
	return model.Show(text).String()
}
