package document

import "dossier/model"

// emptyLines says why there is nothing to show, and what to do.
func (p *Pane) emptyLines(width int) []string {
	lines := []string{""}
	for i, sentence := range p.emptyReason() {
		look := p.styles.Muted
		if i == 0 {
			look = p.styles.Strong
		}
		for _, line := range model.Show(sentence).Wrap(max(1, width-4)) {
			lines = append(lines, "  "+look.Render(line.String()))
		}
		lines = append(lines, "")
	}
	return lines
}

func (p *Pane) emptyReason() []string {
	r := p.state
	switch {
	case !r.HasUser:
		return []string{"Nobody is signed in.", "s opens the accounts."}
	case p.tree.Err() != nil:
		return []string{"The custom data is damaged.", p.tree.Err().Error()}
	case r.Session.TooLarge:
		return []string{"The document is too large for a token.", "The application sees no custom data until it is smaller. c reads it from the database."}
	case r.Session.Snapshot.CustomData == nil && r.User.ID != "" && !r.App().CustomData.Enabled && !r.App().CustomData.Complete():
		return []string{"Custom user data is not enabled.",
			`In the application's directory, auth/custom_user_data.json turns it on with "enabled": true and names the data source, the database, the collection and the user id field.`}
	case r.LastCheck != nil && r.LastCheck.Document != nil:
		return []string{"The application holds no custom data.", "The database does: r refreshes, c compares."}
	default:
		return []string{"No custom data yet.", "a adds the first field."}
	}
}
