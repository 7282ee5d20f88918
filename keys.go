package main

import (
	"context"

	"dossier/ui/cli"
)

// keys opens the service here for managing its server keys.
func (m *machine) keys(ctx context.Context, o cli.Options, do func(context.Context, cli.ServerKeys) error) error {
	w, err := m.openWorkspace(ctx, o, cli.ServeOptions{})
	if err != nil {
		return err
	}
	defer m.end(ctx, w)
	keys, err := w.ServerKeys()
	if err != nil {
		return err
	}
	return do(ctx, keys)
}
