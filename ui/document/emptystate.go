package document

import "dossier/model"

// emptyLines explains why there is no data, and what to do.
func (p *Pane) emptyLines(width int) []string {
	lines := []string{""}
	for i, sentence := range p.emptyReason() {
		st := p.styles.Muted
		if i == 0 {
			st = p.styles.Strong
		}
		for _, line := range model.Show(sentence).Wrap(max(1, width-4)) {
			lines = append(lines, "  "+st.Render(line.String()))
		}
		lines = append(lines, "")
	}
	return lines
}

// readState describes the read of a document that the token omits.
func (p *Pane) readState() string {
	r := p.state
	switch {
	case r.Loading:
		return "Reading it from the database" + p.styles.Glyphs.Ellipsis
	case r.Fault != nil:
		return r.FaultText(r.Fault)
	default:
		return p.keys.Expand("{everywhere.compare} reads it from the database.")
	}
}

// emptyReason returns the reason and the advice, one sentence each.
func (p *Pane) emptyReason() []string {
	r := p.state
	switch {
	case p.arrangement.filter == onlyOutdated:
		return []string{"No field is outdated.", p.keys.Expand("{document.filter} shows all fields.")}
	case p.arrangement.filter == onlyMatches:
		return []string{"No field matches.", p.keys.Expand("{document.filter} shows all fields.")}
	case !r.HasUser:
		return []string{"Not signed in.", p.keys.Expand("{everywhere.accounts} opens the accounts.")}
	case p.tree.Err() != nil:
		return []string{"The custom data is damaged.", r.FaultText(model.AsFault("", p.tree.Err()))}
	case r.Session.Snapshot.TooLarge:
		return []string{"The document is too large for a token.", "A token holds " + model.TokenHolds +
			": the application sees no custom data until the document is smaller.", p.readState()}
	case r.Session.Snapshot.CustomData == nil && r.User.ID != "" && !r.App().CustomData.Enabled &&
		!r.App().CustomData.Complete():
		return []string{"Custom user data is not enabled.",
			`To enable it, set "enabled": true in auth/custom_user_data.json of the application directory, ` +
				"with the data source, the database, the collection and the user id field."}
	case r.LastCheck != nil && r.LastCheck.Document != nil:
		return []string{"The token contains no custom data.",
			p.keys.Expand("The database has a document: {everywhere.refresh} refreshes, {everywhere.compare} compares.")}
	default:
		return []string{"No custom data yet.", p.keys.Expand("{document.add} adds the first field.")}
	}
}
