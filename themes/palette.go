package themes

// Palette is one background's colours, a field a role.
type Palette struct {
	Background    Color `toml:"background"`     // behind everything
	Text          Color `toml:"text"`           // what is read
	Muted         Color `toml:"muted"`          // labels and what is read second
	Faint         Color `toml:"faint"`          // hints, what may be overlooked
	Border        Color `toml:"border"`         // frames without the focus
	Focus         Color `toml:"focus"`          // the frame and the title with the focus
	Accent        Color `toml:"accent"`         // keys, prompts, what invites
	Selection     Color `toml:"selection"`      // behind the row under the cursor, in the pane with the focus
	SelectionText Color `toml:"selection_text"` // text on it
	SelectionDim  Color `toml:"selection_dim"`  // behind the row under the cursor, in the other panes
	Badge         Color `toml:"badge"`          // behind a label of no state
	BadgeText     Color `toml:"badge_text"`     // text on it
	Good          Color `toml:"good"`           // states
	Warn          Color `toml:"warn"`
	Bad           Color `toml:"bad"`
	Info          Color `toml:"info"`
	Added         Color `toml:"added"` // differences
	Removed       Color `toml:"removed"`
	Changed       Color `toml:"changed"`
	Name          Color `toml:"name"` // field names and, below, values by type
	String        Color `toml:"string"`
	Number        Color `toml:"number"`
	Date          Color `toml:"date"`
	Bool          Color `toml:"bool"`
	ID            Color `toml:"id"`
	Null          Color `toml:"null"`
}
