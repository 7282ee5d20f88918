package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) keys() *cobra.Command {
	cmd := &cobra.Command{
		Use: "keys", Short: "Manage the API keys of servers, at the service in this process or the one that serves the " +
			"workspace",
		Long: "A server signs in with its key (provider api-key) as a user of type server; the application's rules apply " +
			"to it.\n" +
			"There are at most 100 keys. Disabling or deleting a key ends its sessions.\n" +
			"Users create their own keys in the application, with an SDK.",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.withKeys(cmd, s.listKeys) },
	}
	cmd.AddCommand(s.createKey(),
		&cobra.Command{
			Use: "list", Short: "List the server keys", Args: checkArguments,
			RunE: func(cmd *cobra.Command, _ []string) error { return s.withKeys(cmd, s.listKeys) },
		},
		s.changeKey("delete", "Delete a server key, its user and its sessions", "deleted", ServerKeys.Delete),
		s.changeKey("enable", "Enable a server key", "enabled", switchKey(false)),
		s.changeKey("disable", "Disable a server key and end its sessions", "disabled", switchKey(true)),
	)
	return cmd
}

// withKeys calls the function with the server keys of the service in this process.
func (s *commands) withKeys(cmd *cobra.Command, do func(context.Context, ServerKeys) error) error {
	if s.options.Server != "" {
		return model.InvalidInputf("keys", "only the process of a service manages its server keys; omit --server")
	}
	if s.options.Demo {
		return model.InvalidInputf("keys", "a temporary workspace keeps no server keys; omit --demo")
	}
	return s.Keys(cmd.Context(), s.options, func(ctx context.Context, k ServerKeys) error {
		ctx, cancel := s.deadline(ctx)
		defer cancel()
		return do(ctx, k)
	})
}

// serverKeyJSON is a server key in JSON output.
type serverKeyJSON struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Key       string  `json:"key,omitempty"` // only when it is created
	Disabled  bool    `json:"disabled"`
	CreatedAt *string `json:"created_at"`
}

func serverKeyJSONOf(k model.APIKey, text string) serverKeyJSON {
	return serverKeyJSON{k.ID, k.Name, text, k.Disabled, timestamp(k.CreatedAt)}
}

func (s *commands) createKey() *cobra.Command {
	return &cobra.Command{
		Use: "create NAME", Short: "Create a server key and print it; it is not shown again",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withKeys(cmd, func(ctx context.Context, k ServerKeys) error {
				created, text, err := k.Create(ctx, args[0])
				if err != nil {
					return err
				}
				if s.options.JSON {
					return s.printJSON(serverKeyJSONOf(created, text))
				}
				s.printLine("%s", model.Show(text))
				fmt.Fprintf(s.Err, "dossier: created the server key %s, id %s; it is not shown again\n", model.Show(created.Name),
					created.ID)
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
		out := []serverKeyJSON{}
		for _, key := range list {
			out = append(out, serverKeyJSONOf(key, ""))
		}
		return s.printJSON(out)
	}
	for _, key := range list {
		state := ""
		if key.Disabled {
			state = " (disabled)"
		}
		s.printLine("%s  %s%s", key.ID, model.Show(key.Name), state)
	}
	if len(list) == 0 {
		s.printLine("no server keys; create one with dossier keys create NAME")
	}
	return nil
}

// changeKey returns a command that changes one key.
func (s *commands) changeKey(name, short, done string, do func(ServerKeys, context.Context,
	string) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " KEY", Short: short,
		Long: "KEY is the id or the name of a server key.",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withKeys(cmd, func(ctx context.Context, k ServerKeys) error {
				id, err := findKey(ctx, k, args[0])
				if err != nil {
					return err
				}
				if err := do(k, ctx, id); err != nil {
					return err
				}
				if s.options.JSON {
					return s.printJSON(map[string]string{"id": id, "is": done})
				}
				s.printLine("%s the server key %s", done, model.Show(args[0]))
				return nil
			})
		},
	}
}

// findKey returns the id of the key that has the given id, or else the given name.
func findKey(ctx context.Context, k ServerKeys, key string) (string, error) {
	list, err := k.List(ctx)
	if err != nil {
		return "", err
	}
	var named []string
	for _, a := range list {
		switch key {
		case a.ID:
			return a.ID, nil
		case a.Name:
			named = append(named, a.ID)
		}
	}
	switch len(named) {
	case 0:
		return "", &model.Fault{Kind: model.InvalidInput, Message: fmt.Sprintf("no server key has the id or name %q", key),
			Advice: "dossier keys list shows them"}
	case 1:
		return named[0], nil
	}
	return "", &model.Fault{Kind: model.InvalidInput,
		Message: fmt.Sprintf("%d server keys have the name %q", len(named), key), Advice: "use the id"}
}

func switchKey(disabled bool) func(ServerKeys, context.Context, string) error {
	return func(k ServerKeys, ctx context.Context, id string) error { return k.SetDisabled(ctx, id, disabled) }
}
