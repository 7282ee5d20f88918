package ui_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// The view of a value shows it whole with its other forms: binary data as a dump with offsets and text.
func TestTheViewOfAValueShowsItsForms(t *testing.T) {
	data := []byte(strings.Repeat("0123456789abcde\x00", 100))
	doc := uitest.Document(bson.D{
		{Key: "data", Value: bson.Binary{Data: data}},
		{Key: "id", Value: bson.Binary{Subtype: 4, Data: []byte("\x01\x8f\x00\x00\x00\x00\x70\x00\x80\x00abcdef")}},
		{Key: "at", Value: bson.NewDateTimeFromTime(time.Date(2026, 3, 14, 11, 0, 0, 0, time.UTC))},
		{Key: "plan", Value: bson.D{{Key: "seats", Value: int64(1) << 60}}}})
	for _, size := range []image.Point{{80, 24}, {40, 14}, {140, 44}} {
		backend, user := uitest.Demo()
		user.SetDocument(doc)
		d := start(t, backend, uitest.Options{Size: size})
		d.Press("r", "home", "v").See("0000  30 31 32 33", "subtype  0, generic, 1 kB", "base64")
		if size.X >= 80 {
			d.See("0010  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 00  0123456789abcde.")
		}
		d.Press("end").See("of ").Press("home").See("0000  30")
		fits(t, d, size)
		d.Press("esc", "down", "v").See("018f0000-0000-7000-8000-616263646566", "created  ", "Sun 21 ",
			"4, UUID of version 7")
		d.Press("esc", "down", "v").See("2026-03-14T11:00:00.000Z", "Sat 14 ", "Unix ms")
		d.See("60 minutes ago").Wait(2 * time.Minute).See("62 minutes ago").Press("esc")
		d.Press("?", "/").Type("short: ").See("oid objectId").Press("esc", "esc", "esc")
		d.Press("down", "v").See("object {1 field}", `"seats"`, "1152921504606846976").Press("esc")
		d.Press("m", "home", "v").DontSee("0123", "30 31", "generic").Press("esc", "m")
	}
}
