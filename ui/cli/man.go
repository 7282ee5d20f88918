package cli

import (
	"fmt"
	"time"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

func (s *commands) man() *cobra.Command {
	return &cobra.Command{
		Use: "man", Short: "Print the manual page",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := mango.NewManPage(1, cmd.Root())
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(s.Out, page.Build(&datedPage{roff.NewDocument(), s.buildDate()}))
			return err
		},
	}
}

// datedPage is a manual page with the date of the build instead of today's.
type datedPage struct {
	*roff.Document
	date time.Time
}

// Heading writes the page's first line.
func (p *datedPage) Heading(section uint, title, description string, _ time.Time) {
	p.Document.Heading(section, title, description, p.date)
}

// buildDate returns the date of the build; today when it is unknown.
func (s *commands) buildDate() time.Time {
	date, err := time.Parse(time.RFC3339, s.Version.Date)
	if err != nil {
		return s.Now()
	}
	return date
}
