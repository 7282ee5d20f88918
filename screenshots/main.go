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
	out := flags.String("o", "frame.png", "output file of the frame")
	theme := flags.String("theme", themes.DefaultName, "theme of the frame's background and text colour")
	light := flags.Bool("light", false, "use the theme's light palette for the frame")
	dir := flags.String("dir", "screenshots", "output directory of the scenes")
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
		return fmt.Errorf("unknown theme %q", *theme)
	}
	content, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the frame: %w", err)
	}
	f := emptyFrame(chosen.Palette(!*light))
	f.content = string(content)
	return p.write(f, *out)
}

// repaint paints every scene and the animation into a directory.
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
	return p.writeAnimation(dir)
}

// file returns the path of the scene's picture.
func (s scene) file(dir string) string { return filepath.Join(dir, s.name+".png") }

// write paints a frame into a file, and reports the runes that cannot be drawn.
func (p *painter) write(f frame, file string) error {
	img, missing := p.paint(f)
	if len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "screenshots: %s: no glyph for %q, drawn as boxes\n", file, missing)
	}
	picture, err := encode(img)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		return fmt.Errorf("write a picture: %w", err)
	}
	return nil
}
