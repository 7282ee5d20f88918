package main

import (
	"fmt"
	"image"
	"time"

	"charm.land/lipgloss/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/themes"
	"dossier/ui/uitest"
)

// scene is one picture of the README: what the user does at the terminal before it is taken.
type scene struct {
	name  string
	size  image.Point
	light bool
	play  func(d *uitest.Driver, ada *uitest.User)
}

var (
	wide   = image.Pt(140, 33)
	narrow = image.Pt(64, 20)
)

// scenes returns the pictures in the order in which they are painted.
func scenes() []scene {
	return []scene{
		{name: "main-dark", size: wide, play: playHalfHour},
		{name: "main-light", size: wide, light: true, play: playHalfHour},
		{name: "review", size: wide, play: func(d *uitest.Driver, ada *uitest.User) {
			playHalfHour(d, ada)
			d.Press("e").Wait(time.Second)
			d.Press("ctrl+a", "ctrl+k").Type("indigo").Press("ctrl+s").Wait(time.Second)
		}},
		{name: "compare", size: wide, play: func(d *uitest.Driver, ada *uitest.User) {
			playHalfHour(d, ada)
			d.Press("c").Wait(time.Second)
		}},
		{name: "conflict", size: wide, play: func(d *uitest.Driver, ada *uitest.User) {
			playHalfHour(d, ada)
			for _, value := range []string{"indigo", "fr"} {
				d.Press("e").Wait(time.Second)
				d.Press("ctrl+a", "ctrl+k").Type(value).Press("enter", "down").Wait(time.Second)
			}
			ada.ChangeField("favoriteColor", "crimson")
			ada.ChangeField("loginCount", int32(43))
			d.Wait(5 * time.Second)
			d.Press("ctrl+s").Wait(4 * time.Second)
		}},
		{name: "narrow", size: narrow, play: playHalfHour},
	}
}

// playHalfHour lets half an hour pass: a refresh with changes, then changes in the database only.
func playHalfHour(d *uitest.Driver, ada *uitest.User) {
	d.Wait(3*time.Minute + 12*time.Second)
	ada.ChangeField("favoriteColor", "teal")
	ada.ChangeField("loginCount", int32(42))
	d.Press("r").Wait(18*time.Minute + 25*time.Second)
	ada.ChangeField("favoriteColor", "amber")
	d.Wait(24 * time.Second)
	ada.ChangeField("plan.seats", int32(12))
	d.Wait(41 * time.Second)
	d.Press("+", "home", "down", "down")
}

// demoWorld returns the sample data of the pictures.
func demoWorld() (*uitest.Backend, *uitest.User) {
	w := uitest.NewBackend(time.Date(2026, time.March, 14, 10, 24, 0, 0, time.UTC))
	w.Add("grace@example.com", "grace-password", bson.D{{Key: "favoriteColor", Value: "green"}})
	w.Add("lin@example.com", "lin-password", nil)
	born := time.Date(1985, time.December, 10, 0, 0, 0, 0, time.UTC)
	seen := time.Date(2026, time.March, 13, 17, 48, 9, 0, time.UTC)
	return w, w.Add("ada@example.com", "ada-password", bson.D{
		{Key: "favoriteColor", Value: "pink"},
		{Key: "language", Value: "en"},
		{Key: "dateOfBirth", Value: bson.NewDateTimeFromTime(born)},
		{Key: "newsletter", Value: true},
		{Key: "loginCount", Value: int32(41)},
		{Key: "storageUsed", Value: int64(7_516_192_768)},
		{Key: "balance", Value: bson.NewDecimal128(0x303c000000000000, 1750)},
		{Key: "plan", Value: bson.D{{Key: "name", Value: "studio"}, {Key: "seats", Value: int32(8)},
			{Key: "trial", Value: false}}},
		{Key: "address", Value: bson.D{{Key: "street", Value: "12 Analytical Row"}, {Key: "city", Value: "London"},
			{Key: "zip", Value: "N1 9GU"}}},
		{Key: "tags", Value: bson.A{"beta", "early adopter"}},
		{Key: "lastSeen", Value: bson.NewDateTimeFromTime(seen)},
		{Key: "referrer", Value: nil},
	})
}

// failingT replaces a test: a failure ends the scene.
type failingT struct{}

func (failingT) Helper() {}

func (failingT) Fatalf(format string, args ...any) { panic(sceneError(fmt.Sprintf(format, args...))) }

type sceneError string

// frame plays the scene and returns the content of the terminal.
func (s scene) frame() (f frame, err error) {
	defer func() {
		if fault, is := recover().(sceneError); is {
			err = fmt.Errorf("scene %s: %s", s.name, fault)
		}
	}()
	w, ada := demoWorld()
	d := uitest.Start(failingT{}, w, uitest.Options{Size: s.size, Light: s.light})
	defer d.Close()
	s.play(d, ada)
	f = emptyFrame(themes.Default().Palette(!s.light))
	f.content = d.ANSI()
	if c := d.Model.View().Cursor; c != nil {
		f.cursor = &image.Point{X: c.X, Y: c.Y}
	}
	return f, nil
}

// emptyFrame returns a frame without content in a palette's colours.
func emptyFrame(p themes.Palette) frame {
	return frame{bg: rgba(lipgloss.Color(string(p.Background))), fg: rgba(lipgloss.Color(string(p.Text)))}
}
