package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"charm.land/lipgloss/v2"

	"dossier/themes"
)

func main() {
	if err := run(os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader) error {
	flags := flag.NewFlagSet("screenshots", flag.ContinueOnError)
	fromInput := flags.Bool("frame", false, "paint the frame on standard input instead of the scenes")
	out := flags.String("o", "frame.png", "where the painted frame goes")
	theme := flags.String("theme", themes.DefaultName, "whose ground and ink a frame stands on")
	light := flags.Bool("light", false, "a light ground")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	p, err := newPainter()
	if err != nil {
		return err
	}
	if !*fromInput {
		return errors.New("nothing to paint: say -frame and give a frame on standard input")
	}
	content, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("reading the frame: %w", err)
	}
	chosen, known := themes.Find(themes.Builtin(), *theme)
	if !known {
		return fmt.Errorf("there is no theme %q", *theme)
	}
	palette := chosen.Palette(!*light)
	ground, ink := rgba(lipgloss.Color(string(palette.Background))), rgba(lipgloss.Color(string(palette.Text)))
	img, missing := p.paint(frame{content: string(content), ground: ground, ink: ink})
	if len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "screenshots: no glyph for %s: drawn as boxes\n", strings.Join(strings.Split(string(missing), ""), " "))
	}
	picture, err := encode(img)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, picture, 0o644)
}
