package model

// Scope says whose document the draft is about.
func (d *Draft) Scope() Scope { return d.scope }
