package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

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
	theme := flags.String("theme", themes.DefaultName, "whose ground and ink the frame stands on")
	light := flags.Bool("light", false, "the frame stands on a light ground")
	dir := flags.String("dir", "screenshots", "where the pictures of the scenes go")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	p, err := newPainter()
	if err != nil {
		return err
	}
	if !*fromInput {
		return p.repaint(*dir)
	}
	chosen, known := themes.Find(themes.Builtin(), *theme)
	if !known {
		return fmt.Errorf("there is no theme %q", *theme)
	}
	content, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("reading the frame: %w", err)
	}
	f := emptyFrame(chosen.Palette(!*light))
	f.content = string(content)
	return p.write(f, *out)
}

// repaint paints every scene into a directory.
func (p *painter) repaint(dir string) error {
	for _, s := range scenes() {
		f, err := s.frame()
		if err != nil {
			return err
		}
		if err := p.write(f, s.file(dir)); err != nil {
			return err
		}
	}
	return nil
}

// file is where the scene's picture stands.
func (s scene) file(dir string) string { return filepath.Join(dir, s.name+".png") }

// write paints a frame into a file, and says what nobody can draw.
func (p *painter) write(f frame, file string) error {
	img, missing := p.paint(f)
	if len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "screenshots: %s: nobody draws %q, which show as boxes\n", file, missing)
	}
	picture, err := encode(img)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		return fmt.Errorf("writing a picture: %w", err)
	}
	return nil
}
