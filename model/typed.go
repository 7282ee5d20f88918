package model

// Site is what an editor was open on.
type Site string

// The sites of text that was typed.
const (
	OnField    Site = "field"       // the field at the path
	NewField   Site = "new field"   // a field being named inside the path
	NewElement Site = "new element" // the next element of the array at the path
	OnDocument Site = "document"    // the whole document
)

// Typed is what stood in an editor and was not accepted, exactly as it was typed, valid or not. It is no edit: it changes nothing until it is accepted.
type Typed struct {
	Site Site
	Path Path
	Name string // of a new field, as far as it was typed
	Kind Kind   // the type chosen
	Text string
}

// Target is the field that the text is for; nil for the whole document and for a field without a name yet.
func (t Typed) Target() Path {
	switch {
	case t.Site == OnField || t.Site == NewElement:
		return t.Path
	case t.Site == NewField && t.Name != "":
		return t.Path.Child(t.Name)
	}
	return nil
}

// Keeping is the same draft with what stands in the editor; nil: nothing does.
func (d *Draft) Keeping(t *Typed) *Draft {
	kept := *d
	kept.typed = t
	return &kept
}

// Typed is what stood in the editor when the draft was kept; false when nothing did.
func (d *Draft) Typed() (Typed, bool) {
	if d.typed == nil {
		return Typed{}, false
	}
	return *d.typed, true
}

// Blank reports that there is nothing to keep: no edit, and nothing typed.
func (d *Draft) Blank() bool { return d.Empty() && d.typed == nil }
