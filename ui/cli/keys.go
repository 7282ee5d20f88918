package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) keys() *cobra.Command {
	cmd := &cobra.Command{
		Use: "keys", Short: "Manage the keys that servers sign in with, at the service that runs here",
		Long: "A server signs in with its key (provider api-key) as an account of its own, of the type server, under the application's rules.\n" +
			"At most 100 keys; disabling or deleting one ends its sessions. A person's own keys are made by the application, with an SDK.",
		Args: arguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.withKeys(cmd, s.listKeys) },
	}
	cmd.AddCommand(s.createKey(),
		&cobra.Command{
			Use: "list", Short: "List the server keys", Args: arguments,
			RunE: func(cmd *cobra.Command, _ []string) error { return s.withKeys(cmd, s.listKeys) },
		},
		s.changeKey("delete", "Forget a server key, its account and its sessions", "deleted", ServerKeys.Delete),
		s.changeKey("enable", "Let a server key sign in again", "enabled", switchKey(false)),
		s.changeKey("disable", "Keep a server key from signing in, and end its sessions", "disabled", switchKey(true)),
	)
	return cmd
}

// withKeys does the work with the server keys of the service here.
func (s *commands) withKeys(cmd *cobra.Command, do func(context.Context, ServerKeys) error) error {
	if s.options.Server != "" {
		return model.InvalidInputf("keys", "are managed where the service runs; --server names one elsewhere")
	}
	if s.options.Demo {
		return model.InvalidInputf("keys", "of a throw-away workspace would be gone at once; leave --demo out")
	}
	return s.Keys(cmd.Context(), s.options, func(ctx context.Context, k ServerKeys) error {
		ctx, cancel := s.deadline(ctx)
		defer cancel()
		return do(ctx, k)
	})
}

// serverKey is one key in JSON.
type serverKey struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Key       string  `json:"key,omitempty"` // only when it is made
	Disabled  bool    `json:"disabled"`
	CreatedAt *string `json:"created_at"`
}

func keyOf(k model.APIKey, text string) serverKey {
	return serverKey{k.ID, k.Name, text, k.Disabled, stamp(k.CreatedAt)}
}

func (s *commands) createKey() *cobra.Command {
	return &cobra.Command{
		Use: "create NAME", Short: "Make a server key and print it, this once",
		Args: arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withKeys(cmd, func(ctx context.Context, k ServerKeys) error {
				made, text, err := k.Create(ctx, args[0])
				if err != nil {
					return err
				}
				if s.options.JSON {
					return s.json(keyOf(made, text))
				}
				s.line("%s", model.Show(text))
				fmt.Fprintf(s.Err, "dossier: this is the server key %s, id %s; it is not shown again\n", model.Show(made.Name), made.ID)
				return nil
			})
		},
	}
}

func (s *commands) listKeys(ctx context.Context, k ServerKeys) error {
	list, err := k.List(ctx)
	if err != nil {
		return err
	}
	if s.options.JSON {
		out := []serverKey{}
		for _, key := range list {
			out = append(out, keyOf(key, ""))
		}
		return s.json(out)
	}
	for _, key := range list {
		state := ""
		if key.Disabled {
			state = " (disabled)"
		}
		s.line("%s  %s%s", key.ID, model.Show(key.Name), state)
	}
	if len(list) == 0 {
		s.line("there are no server keys; dossier keys create NAME makes one")
	}
	return nil
}

// changeKey is a command that does something to one key.
func (s *commands) changeKey(name, short, done string, do func(ServerKeys, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " ID", Short: short,
		Args: arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withKeys(cmd, func(ctx context.Context, k ServerKeys) error {
				if err := do(k, ctx, args[0]); err != nil {
					return err
				}
				if s.options.JSON {
					return s.json(map[string]string{"id": args[0], "is": done})
				}
				s.line("%s the server key %s", done, model.Show(args[0]))
				return nil
			})
		},
	}
}

func switchKey(disabled bool) func(ServerKeys, context.Context, string) error {
	return func(k ServerKeys, ctx context.Context, id string) error { return k.SetDisabled(ctx, id, disabled) }
}
