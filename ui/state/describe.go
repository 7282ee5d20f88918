package state

import (
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// Detail is a value, or a part of it, in another form.
type Detail struct {
	Label string
	Text  model.Visible
}

// WithAge returns the text with an age behind it, before it if both take more than width cells; without an age the
// text.
func (d Detail) WithAge(age, separator string, width int) model.Visible {
	if age == "" {
		return d.Text
	}
	shown, between := model.Show(age), model.Show(" "+separator+" ")
	if d.Text.Width()+between.Width()+shown.Width() > width {
		return model.Concat(shown, between, d.Text)
	}
	return model.Concat(d.Text, between, shown)
}

// Details returns the other forms of a value, see model.Details; nil while it is masked.
func (s *State) Details(p model.Path, v bson.RawValue) []Detail {
	if !s.Shows(p) {
		return nil
	}
	var details []Detail
	for _, d := range model.Details(v, s.Zone) {
		details = append(details, Detail{d.Label, model.Show(d.Text)})
	}
	return details
}

// Age returns how long before now the moment is that a value holds, such as "3 days ago"; empty: it holds none, or is
// masked.
func (s *State) Age(p model.Path, v bson.RawValue, now time.Time) string {
	at, ok := model.Moment(v)
	if !ok || !s.Shows(p) || now.IsZero() {
		return ""
	}
	return Ago(at, now)
}

// Ago returns how long before now a time is, or how far ahead, in its largest unit from minutes to years. Months and
// years are those of the calendar.
func Ago(t, now time.Time) string {
	from, to, form := t.UTC(), now.UTC(), "%s ago"
	if to.Unix() < from.Unix() {
		from, to, form = to, from, "in %s"
	}
	return strings.Replace(form, "%s", span(from, to), 1)
}

// span returns the time between two times, in its largest unit.
func span(from, to time.Time) string {
	const minute, hour, day = 60, 3600, 24 * 3600
	seconds := to.Unix() - from.Unix() // a time.Duration ends at 292 years
	months := int64(to.Year()-from.Year())*12 + int64(to.Month()-from.Month())
	if from.AddDate(0, int(months), 0).After(to) {
		months--
	}
	n, name := seconds/minute, "minute"
	switch {
	case seconds < minute:
		return "less than a minute"
	case months >= 24:
		n, name = months/12, "year"
	case months >= 2:
		n, name = months, "month"
	case seconds >= 2*day:
		n, name = seconds/day, "day"
	case seconds >= 2*hour:
		n, name = seconds/hour, "hour"
	}
	if n != 1 {
		name += "s"
	}
	return strconv.FormatInt(n, 10) + " " + name
}

// Clipped is Value(p, v).Clip(width), with ids shortened in their middle. It reads no more of the value than fits.
func (s *State) Clipped(p model.Path, v bson.RawValue, width int) model.Visible {
	if !s.Shows(p) {
		return s.MaskedValue(v).Clip(width)
	}
	text := model.Preview(v)
	if len(text) > width && len(text) <= maxIDLength {
		if _, isID := s.idOf(v); isID {
			return model.Show(text).ClipMiddle(width)
		}
	}
	return model.Clip(text, width)
}

// nestedBytes is the size of the largest object or array that Summary counts the fields of, in bytes.
const nestedBytes = 16 << 10

// Summary returns the first fields of an object, "name: studio, seats: 8, …", or the first items of an array, in at
// most width cells. Values are masked unless Shows allows their path.
func (s *State) Summary(p model.Path, v bson.RawValue, width int) model.Visible {
	var parts []model.Visible
	used, isArray := 0, model.KindOf(v) == model.Array
	for key, field := range model.Fields(v) {
		if used > width {
			break
		}
		if len(parts) > 0 {
			parts = append(parts, model.Show(", "))
			used += 2
		}
		if !isArray {
			name := model.Concat(model.Clip(key, 40), model.Show(": "))
			parts = append(parts, name)
			used += name.Width()
		}
		shown := s.nested(p, key, field)
		parts = append(parts, shown)
		used += shown.Width()
	}
	return model.Concat(parts...).Clip(width)
}

// nested returns a value inside an object or array, short.
func (s *State) nested(p model.Path, key string, v bson.RawValue) model.Visible {
	const longest = 40 // cells
	switch kind := model.KindOf(v); {
	case kind == model.Object && len(v.Value) > nestedBytes:
		return model.Show("{…}")
	case kind == model.Array && len(v.Value) > nestedBytes:
		return model.Show("[…]")
	}
	if !s.Masked {
		return s.Clipped(nil, v, longest)
	}
	return s.Clipped(p.Child(key), v, longest)
}
