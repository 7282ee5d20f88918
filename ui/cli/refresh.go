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
		Use: "refresh", Short: "Refresh the access token and print the changes of the custom data",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.withCurrentUser(cmd.Context(), s.printRefresh) },
	}
}

// changeJSON is a changed field in JSON output.
type changeJSON struct {
	Path string           `json:"path"`
	Kind model.ChangeKind `json:"kind"`
	Old  json.RawMessage  `json:"old"`
	New  json.RawMessage  `json:"new"`
	From string           `json:"from,omitempty"` // the path before, where it differs: array items move
}

func changesJSONOf(list []model.Change) []changeJSON {
	out := []changeJSON{}
	for _, c := range list {
		change := changeJSON{Path: c.Path.String(), Kind: c.Kind, Old: jsonValue(c.Old), New: jsonValue(c.New)}
		if c.From != nil {
			change.From = c.From.String()
		}
		out = append(out, change)
	}
	return out
}

// tooLargeMessage says that a refreshed token has no custom data, and why.
const tooLargeMessage = "the document is too large for a token, which holds " + model.TokenHolds +
	": the application sees no custom data"

// printRefresh refreshes the access token and prints each changed field.
func (s *commands) printRefresh(ctx context.Context, _ *Connection, user port.User) error {
	before := user.Session().Snapshot
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	after, err := user.Refresh(ctx)
	if err != nil {
		return err
	}
	changes := model.DiffRefresh(before, after.Snapshot)
	if s.options.JSON {
		return s.printJSON(struct {
			Changes   []changeJSON `json:"changes"`
			IssuedAt  *string      `json:"issued_at"`
			ExpiresAt *string      `json:"expires_at"`
			TooLarge  bool         `json:"custom_data_too_large"` // as in whoami
		}{changesJSONOf(changes), timestamp(after.Snapshot.IssuedAt), timestamp(after.Snapshot.ExpiresAt),
			after.Snapshot.TooLarge})
	}
	switch {
	case after.Snapshot.TooLarge:
		s.printLine("%s", tooLargeMessage)
		return nil
	case before.TooLarge:
		s.printLine("the document fits into the token again")
		return nil
	}
	for _, c := range changes {
		if c.Kind == model.Moved {
			s.printLine("%s: moved from %s", model.Show(c.Path.String()), model.Show(c.From.String()))
			continue
		}
		s.printLine("%s: %s -> %s", model.Show(c.Path.String()), displayValue(c.Old), displayValue(c.New))
	}
	if len(changes) == 0 {
		s.printLine("no change")
	}
	return nil
}
