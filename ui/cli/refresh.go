package cli

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/port"
)

func (s *commands) refresh() *cobra.Command {
	return &cobra.Command{
		Use: "refresh", Short: "Renew the token and print what changed in the custom data",
		Args: arguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.withPerson(cmd.Context(), s.printRefresh) },
	}
}

// change is one field in JSON.
type change struct {
	Path string           `json:"path"`
	Kind model.ChangeKind `json:"kind"`
	Old  json.RawMessage  `json:"old"`
	New  json.RawMessage  `json:"new"`
}

func changesOf(list []model.Change) []change {
	out := []change{}
	for _, c := range list {
		out = append(out, change{c.Path.String(), c.Kind, value(c.Old), value(c.New)})
	}
	return out
}

// printRefresh prints each changed field, or that none did.
func (s *commands) printRefresh(ctx context.Context, _ *World, p port.User) error {
	before := p.Session().Snapshot
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	after, err := p.Refresh(ctx)
	if err != nil {
		return err
	}
	changes := model.Diff(before.CustomData, after.Snapshot.CustomData)
	if s.options.JSON {
		return s.json(struct {
			Changes   []change `json:"changes"`
			IssuedAt  *string  `json:"issued_at"`
			ExpiresAt *string  `json:"expires_at"`
		}{changesOf(changes), stamp(after.Snapshot.IssuedAt), stamp(after.Snapshot.ExpiresAt)})
	}
	for _, c := range changes {
		s.line("%s: %s -> %s", model.Show(c.Path.String()), shown(c.Old), shown(c.New))
	}
	if len(changes) == 0 {
		s.line("no change")
	}
	return nil
}
