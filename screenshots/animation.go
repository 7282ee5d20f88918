package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/themes"
	"dossier/ui/uitest"
)

// animationFile is the picture of the demo's story.
const animationFile = "demo.gif"

var animationSize = image.Pt(100, 30)

// moment is something that happens at the terminal, and how long its frame is shown; zero: not at all.
type moment struct {
	key   string // shown before it is pressed; "": none is
	do    func(d *uitest.Driver)
	shown time.Duration
	sees  string // the frame contains it
}

const (
	glance  = 700 * time.Millisecond
	reading = 2600 * time.Millisecond
	ends    = 4 * time.Second // of the first and the last frame
)

// pressing presses a key.
func pressing(key string, shown time.Duration, sees string) moment {
	return moment{key, func(d *uitest.Driver) { d.Press(key) }, shown, sees}
}

// waiting lets time pass.
func waiting(span, shown time.Duration, sees string) moment {
	return moment{"", func(d *uitest.Driver) { d.Wait(span) }, shown, sees}
}

// typing types a text, with a frame for each letter.
func typing(text string) (typed []moment) {
	for _, r := range text {
		typed = append(typed, moment{do: func(d *uitest.Driver) { d.Type(string(r)) }, shown: glance / 5})
	}
	return typed
}

// story is what the animation shows: a field changes, compare, refresh, an edit in place, review, save.
func story() []moment {
	m := []moment{
		waiting(time.Second, ends, "are the app's copy"),
		waiting(4*time.Second, reading, "the database now says teal; the app still shows pink: press c"),
		pressing("c", reading, "the app's copy beside the database"),
		pressing("esc", 0, ""),
		waiting(time.Second, reading, "r renews it now"),
		pressing("r", 0, ""),
		waiting(time.Second, reading, "the copy was renewed: the app shows teal now"),
		waiting(6*time.Second, reading, "now you: e edits plan"),
		pressing("e", reading/2, "type a value"),
	}
	for range len("family") {
		m = append(m, moment{do: func(d *uitest.Driver) { d.Press("backspace") }, shown: glance / 7})
	}
	m = append(m, typing("studio")...)
	return append(m, waiting(0, glance, "studio"), pressing("enter", 0, ""),
		waiting(time.Second, reading, "only the draft has changed"), pressing("ctrl+s", reading, "studio"),
		pressing("enter", 0, ""), waiting(time.Second, ends, "studio"))
}

// demoData is the document that the story is about.
func demoData() (*uitest.Backend, *uitest.User) {
	w := uitest.NewBackend(time.Date(2026, time.March, 14, 10, 24, 0, 0, time.UTC))
	return w, w.Add("dana@example.com", "demo-password", bson.D{
		{Key: "favoriteColor", Value: "pink"},
		{Key: "displayName", Value: "Dana Moreau"},
		{Key: "phone", Value: "+1 555 0142"},
		{Key: "birthday", Value: bson.NewDateTimeFromTime(time.Date(1992, 4, 17, 0, 0, 0, 0, time.UTC))},
		{Key: "plan", Value: "family"},
		{Key: "verified", Value: true},
		{Key: "loyaltyPoints", Value: int64(48_250)},
		{Key: "balance", Value: bson.NewDecimal128(0x303c000000000000, 12_740)},
		{Key: "address", Value: bson.D{{Key: "street", Value: "14 Rue des Lilas"}, {Key: "city", Value: "Lyon"}}},
		{Key: "preferences", Value: bson.D{{Key: "theme", Value: "dark"}, {Key: "language", Value: "en"}}},
		{Key: "tags", Value: bson.A{"early-adopter", "beta", "newsletter"}},
		{Key: "orders", Value: bson.A{int32(1042), int32(1077), int32(1093)}},
		{Key: "lastSeen", Value: bson.NewDateTimeFromTime(time.Date(2026, 3, 14, 8, 2, 41, 0, time.UTC))},
	})
}

// shot is a frame and how long it is shown.
type shot struct {
	frame
	shown time.Duration
}

// shots plays the story.
func shots() (all []shot, err error) {
	defer func() {
		if fault, is := recover().(sceneError); is {
			err = fmt.Errorf("animation: %s", fault)
		}
	}()
	w, _ := demoData()
	d := uitest.Start(failingT{}, w, uitest.Options{Size: animationSize, Story: true})
	defer d.Close()
	for _, m := range story() {
		if m.key != "" {
			all = append(all, shot{withKey(terminalFrame(d), m.key), glance})
		}
		m.do(d)
		if d.See(m.sees); m.shown > 0 {
			all = append(all, shot{terminalFrame(d), m.shown})
		}
	}
	return all, nil
}

// terminalFrame returns what the terminal shows.
func terminalFrame(d *uitest.Driver) frame {
	f := emptyFrame(themes.Default().Palette(true))
	f.content = d.ANSI()
	if c := d.Model.View().Cursor; c != nil {
		f.cursor = &image.Point{X: c.X, Y: c.Y}
	}
	return f
}

// withKey returns a frame with a key that is pressed now at the end of its last line.
func withKey(f frame, key string) frame {
	at := strings.LastIndexByte(f.content, '\n') + 1
	space := animationSize.X - len(key) - 3
	line := ansi.Truncate(f.content[at:], space, "")
	f.content = f.content[:at] + line + strings.Repeat(" ", max(0, space-ansi.StringWidth(line))) + "\x1b[0;7;1m " + key +
		" \x1b[m"
	return f
}

// animate paints shots as a GIF that repeats for ever. Of each frame only what differs from the one before is stored.
func (p *painter) animate(all []shot) ([]byte, error) {
	if len(all) == 0 {
		return nil, errors.New("an animation needs a frame")
	}
	var colours palette
	g := &gif.GIF{}
	var img *image.RGBA
	var before *image.Paletted
	var cells *canvas
	for _, s := range all {
		now := newCanvas(s.frame)
		if img == nil {
			img = p.background(now)
		}
		p.draw(img, now, cells)
		cells = now
		picture := colours.apply(img)
		g.Image = append(g.Image, difference(before, picture))
		g.Delay = append(g.Delay, int(s.shown/(10*time.Millisecond)))
		g.Disposal = append(g.Disposal, gif.DisposalNone)
		before = picture
	}
	for _, picture := range g.Image {
		picture.Palette = colours.list()
	}
	g.Config = image.Config{ColorModel: colours.list(), Width: img.Rect.Dx(), Height: img.Rect.Dy()}
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, g); err != nil {
		return nil, fmt.Errorf("encode the animation: %w", err)
	}
	return buf.Bytes(), nil
}

// transparent is the index of pixels that stay as they are.
const transparent = 0

// palette is the colours of an animation, in order of appearance. The zero value has none.
type palette struct {
	colours []color.RGBA
	index   map[color.RGBA]uint8
}

// apply returns a picture with the palette. A colour for which no place is left becomes the nearest one.
func (p *palette) apply(img *image.RGBA) *image.Paletted {
	if p.index == nil {
		p.index = map[color.RGBA]uint8{}
	}
	out := image.NewPaletted(img.Rect, nil)
	var last color.RGBA
	at := uint8(transparent)
	for i := range out.Pix {
		c := color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], 255}
		if c != last || at == transparent {
			last, at = c, p.indexOf(c)
		}
		out.Pix[i] = at
	}
	return out
}

func (p *palette) indexOf(c color.RGBA) uint8 {
	at, known := p.index[c]
	if known {
		return at
	}
	if len(p.colours) < 255 {
		p.colours = append(p.colours, c)
		at = uint8(len(p.colours))
	} else {
		at = uint8(p.list()[1:].Index(c) + 1)
	}
	p.index[c] = at
	return at
}

// list returns the palette of the file.
func (p *palette) list() color.Palette {
	list := color.Palette{color.RGBA{}}
	for _, c := range p.colours {
		list = append(list, c)
	}
	return list
}

// difference returns the smallest rectangle of a picture in which it differs from the one before; pixels that do not
// are transparent.
func difference(before, now *image.Paletted) *image.Paletted {
	if before == nil {
		return now
	}
	changed := image.Rectangle{}
	for y := range now.Rect.Dy() {
		for x := range now.Rect.Dx() {
			if i := y*now.Stride + x; now.Pix[i] != before.Pix[i] {
				changed = changed.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if changed.Empty() {
		changed = image.Rect(0, 0, 1, 1)
	}
	out := image.NewPaletted(changed, nil)
	for y := changed.Min.Y; y < changed.Max.Y; y++ {
		for x := changed.Min.X; x < changed.Max.X; x++ {
			if i := y*now.Stride + x; now.Pix[i] != before.Pix[i] {
				out.Pix[out.PixOffset(x, y)] = now.Pix[i]
			}
		}
	}
	return out
}

// writeAnimation paints the story into a directory.
func (p *painter) writeAnimation(dir string) error {
	all, err := shots()
	if err != nil {
		return err
	}
	content, err := p.animate(all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, animationFile), content, 0o644); err != nil {
		return fmt.Errorf("write the animation: %w", err)
	}
	return nil
}
