package themes

// Default is the theme dossier starts with.
func Default() Theme {
	return Theme{
		Name:  DefaultName,
		About: "ink and paper, a touch of teal",
		Dark: Palette{
			Background: "#14171c", Text: "#dde1e6", Muted: "#9da5b1", Faint: "#7c8591", Border: "#59626e", Focus: "#5cc4b8",
			Accent: "#5cc4b8", Selection: "#24303a", SelectionText: "#f2f5f7", SelectionDim: "#1d232a", Badge: "#323b46", BadgeText: "#dde1e6",
			Good: "#7cc48a", Warn: "#dfb15b", Bad: "#ee8480", Info: "#79b4ea", Added: "#7cc48a", Removed: "#ee8480", Changed: "#dfb15b",
			Name: "#b9cbe0", String: "#a9cf9a", Number: "#e3b27e", Date: "#c3aee6", Bool: "#6ec6cf", ID: "#d7a4bd", Null: "#8f98a5",
		},
		Light: Palette{
			Background: "#fbfaf7", Text: "#23282e", Muted: "#59626c", Faint: "#6c757f", Border: "#8b929a", Focus: "#0b6e66",
			Accent: "#0b6e66", Selection: "#dbe8e6", SelectionText: "#12171c", SelectionDim: "#ecefec", Badge: "#dfe1dd", BadgeText: "#2b3138",
			Good: "#1f6b35", Warn: "#7d5200", Bad: "#a8262b", Info: "#1b5ea3", Added: "#1f6b35", Removed: "#a8262b", Changed: "#7d5200",
			Name: "#28486b", String: "#2f6220", Number: "#8a4510", Date: "#5f3f9c", Bool: "#0a6070", ID: "#8c2f61", Null: "#5e666f",
		},
	}
}
