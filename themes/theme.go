package themes

// DefaultName is the name of the default theme.
const DefaultName = "dossier"

// Theme is a named pair of palettes.
type Theme struct {
	Name  string  `toml:"-"`     // the file name without extension
	About string  `toml:"about"` // one line for the theme picker
	Dark  Palette `toml:"dark"`
	Light Palette `toml:"light"`
}

// Palette returns the colours for a dark or a light background.
func (t Theme) Palette(dark bool) Palette {
	if dark {
		return t.Dark
	}
	return t.Light
}
