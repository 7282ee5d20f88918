package cli

import (
	"context"

	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) accounts() *cobra.Command {
	cmd := &cobra.Command{
		Use: "accounts", Short: "List the people signed in on this machine",
		Args: arguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withWorld(cmd.Context(), func(_ context.Context, w *World) error { return s.listAccounts(w) })
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use: "use ACCOUNT", Short: "Make another account the current one (its id, user id or name)",
		Args: arguments, ValidArgsFunction: s.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withWorld(cmd.Context(), func(ctx context.Context, w *World) error {
				account, err := pick(w, args)
				if err != nil {
					return err
				}
				if _, err := w.Accounts.Use(ctx, account.ID); err != nil {
					return err
				}
				return s.listAccounts(w)
			})
		},
	})
	return cmd
}

// account is one account in JSON.
type account struct {
	ID       string  `json:"id"`
	UserID   string  `json:"user_id"`
	Name     string  `json:"name"`
	Provider string  `json:"provider"`
	Server   string  `json:"server"`
	AppID    string  `json:"app_id"`
	SignedIn bool    `json:"signed_in"`
	Current  bool    `json:"current"`
	LastUsed *string `json:"last_used"`
}

func accountOf(a model.Account) account {
	return account{a.ID, a.UserID, a.Name, a.Provider, a.Server, a.AppID, a.SignedIn, a.IsCurrent, stamp(a.LastUsed)}
}

func (s *commands) listAccounts(w *World) error {
	list := w.Accounts.List()
	if s.options.JSON {
		out := []account{}
		for _, a := range list {
			out = append(out, accountOf(a))
		}
		return s.json(out)
	}
	for _, a := range list {
		mark := " "
		if a.IsCurrent {
			mark = "*"
		}
		state := ""
		if !a.SignedIn {
			state = " (signed out)"
		}
		s.line("%s %s  %s  %s  %s%s", mark, model.Show(a.DisplayName()), model.Show(a.UserID), model.Show(a.Provider), model.Show(a.Server), state)
	}
	if len(list) == 0 {
		s.line("nobody is signed in; dossier login signs in")
	}
	return nil
}

// pick finds the account an argument names, or the current one without an argument.
func pick(w *World, args []string) (model.Account, error) {
	var found []model.Account
	for _, a := range w.Accounts.List() {
		if len(args) == 0 && a.IsCurrent {
			return a, nil
		}
		if len(args) > 0 && (a.ID == args[0] || a.UserID == args[0] || a.Name == args[0]) {
			found = append(found, a)
		}
	}
	switch {
	case len(args) == 0:
		return model.Account{}, &model.Fault{Kind: model.SignedOut, Message: "nobody is signed in at " + w.Service, Advice: "dossier login signs in"}
	case len(found) == 0:
		return model.Account{}, model.InvalidInputf("account", "none is called %q; dossier accounts lists them", args[0])
	case len(found) > 1:
		return model.Account{}, model.InvalidInputf("account", "%d are called %q; use the user id", len(found), args[0])
	}
	return found[0], nil
}
