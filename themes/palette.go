package themes

// Palette is the colours for one background, one field per role.
type Palette struct {
	Background    Color `toml:"background"`     // of the whole screen
	Text          Color `toml:"text"`           // main text
	Muted         Color `toml:"muted"`          // labels and secondary text
	Faint         Color `toml:"faint"`          // hints
	Border        Color `toml:"border"`         // frames without focus
	Focus         Color `toml:"focus"`          // frame and title with focus
	Accent        Color `toml:"accent"`         // keys and prompts
	Selection     Color `toml:"selection"`      // background of the row under the cursor, in the pane with focus
	SelectionText Color `toml:"selection_text"` // text on selection
	SelectionDim  Color `toml:"selection_dim"`  // background of the row under the cursor, in the other panes
	Badge         Color `toml:"badge"`          // background of a label without a state
	BadgeText     Color `toml:"badge_text"`     // text on badge
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
