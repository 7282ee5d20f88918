package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
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

// encode writes a PNG, with a table of colours where they are few enough.
func encode(img *image.RGBA) ([]byte, error) {
	var picture image.Image = img
	if few := indexed(img); few != nil {
		picture = few
	}
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&buf, picture); err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return buf.Bytes(), nil
}

// indexed is the picture with a table of its colours in the order they first appear; nil when there are more than 256.
func indexed(img *image.RGBA) *image.Paletted {
	index := map[color.RGBA]uint8{}
	few := image.NewPaletted(img.Bounds(), nil)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := img.RGBAAt(x, y)
			i, known := index[c]
			if !known {
				if len(few.Palette) == 256 {
					return nil
				}
				i = uint8(len(few.Palette))
				index[c] = i
				few.Palette = append(few.Palette, c)
			}
			few.SetColorIndex(x, y, i)
		}
	}
	return few
}
