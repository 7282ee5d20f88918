package cli

import (
	"context"

	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) accounts() *cobra.Command {
	cmd := &cobra.Command{
		Use: "accounts", Short: "List the accounts on this machine",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withConnection(cmd.Context(), func(_ context.Context,
				conn *Connection) error {
				return s.listAccounts(conn)
			})
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use: "use ACCOUNT", Short: "Switch to another account, by its id, user id or name",
		Args: checkArguments, ValidArgsFunction: s.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withConnection(cmd.Context(), func(ctx context.Context, conn *Connection) error {
				account, err := s.findAccount(conn, args)
				if err != nil {
					return err
				}
				if _, err := conn.Accounts.Use(ctx, account.ID); err != nil {
					return err
				}
				return s.listAccounts(conn)
			})
		},
	})
	return cmd
}

// accountJSON is an account in JSON output.
type accountJSON struct {
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

func accountJSONOf(a model.Account) accountJSON {
	return accountJSON{a.ID, a.UserID, a.Name, a.Provider, a.Server, a.AppID, a.SignedIn, a.IsCurrent,
		timestamp(a.LastUsed)}
}

// accountNow returns an account as it is now, after the command changed it; an account that is no longer kept is signed
// out.
func accountNow(conn *Connection, account model.Account) model.Account {
	for _, a := range conn.Accounts.List() {
		if a.ID == account.ID {
			return a
		}
	}
	account.SignedIn, account.IsCurrent = false, false
	return account
}

func (s *commands) listAccounts(conn *Connection) error {
	list := conn.Accounts.List()
	if s.options.JSON {
		out := []accountJSON{}
		for _, a := range list {
			out = append(out, accountJSONOf(a))
		}
		return s.printJSON(out)
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
		s.printLine("%s %s  %s  %s  %s%s", mark, model.Show(a.DisplayName()), model.Show(a.UserID), model.Show(a.Provider),
			model.Show(a.Server), state)
	}
	if len(list) == 0 {
		s.printLine("no accounts; sign in with %s", model.Show(s.here("login")))
	}
	return nil
}

// findAccount returns the account that the argument names; without an argument the current one.
func (s *commands) findAccount(conn *Connection, args []string) (model.Account, error) {
	var found []model.Account
	for _, a := range conn.Accounts.List() {
		if len(args) == 0 && a.IsCurrent {
			return a, nil
		}
		if len(args) > 0 && (a.ID == args[0] || a.UserID == args[0] || a.Name == args[0]) {
			found = append(found, a)
		}
	}
	switch {
	case len(args) == 0:
		return model.Account{}, s.signedOutFault(conn)
	case len(found) == 0:
		return model.Account{}, model.InvalidInputf("account", "%q not found; list the accounts with dossier accounts",
			args[0])
	case len(found) > 1:
		return model.Account{}, model.InvalidInputf("account", "%d accounts have the name %q; use the user id", len(found),
			args[0])
	}
	return found[0], nil
}
