package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

func (s *commands) login() *cobra.Command {
	var anonymous, register, stdin bool
	cmd := &cobra.Command{
		Use: "login [EMAIL]", Short: "Sign in, and make that person the current one",
		Long: "The password is asked for at the terminal, or read from standard input with --password-stdin. It is never an argument:\narguments are seen by everybody on the machine.\nThe embedded workspace's demo user is demo@example.com, password demo-password.",
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			credential, err := s.credential(args, anonymous, stdin)
			if err != nil {
				return err
			}
			return s.withWorld(cmd.Context(), func(ctx context.Context, w *World) error {
				return s.signIn(ctx, w, credential, register)
			})
		},
	}
	cmd.Flags().BoolVar(&anonymous, "anonymous", false, "sign in as a new anonymous person")
	cmd.Flags().BoolVar(&register, "register", false, "make the account first")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

// credential gathers what to sign in with, before anything is opened.
func (s *commands) credential(args []string, anonymous, stdin bool) (model.Credential, error) {
	if anonymous {
		if len(args) > 0 {
			return model.Credential{}, model.Inputf("--anonymous", "takes no e-mail address")
		}
		return model.Credential{Provider: "anon-user"}, nil
	}
	if len(args) == 0 {
		return model.Credential{}, model.Inputf("login", "wants an e-mail address, or --anonymous")
	}
	password, err := s.password(stdin)
	if err != nil {
		return model.Credential{}, err
	}
	return model.Credential{
		Provider: "local-userpass",
		Fields:   bson.D{{Key: "username", Value: args[0]}, {Key: "password", Value: password}},
	}, nil
}

func (s *commands) password(stdin bool) (string, error) {
	if stdin {
		line, err := bufio.NewReader(s.In).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", model.Inputf("--password-stdin", "cannot be read: %v", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	if s.Password == nil {
		return "", model.Inputf("login", "there is no terminal to ask for the password at; give it by --password-stdin")
	}
	return s.Password()
}

func (s *commands) signIn(ctx context.Context, w *World, c model.Credential, register bool) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if register && c.Provider == "local-userpass" {
		if err := w.Accounts.Register(ctx, field(c, "username"), field(c, "password")); err != nil {
			return err
		}
	}
	p, err := w.Accounts.SignIn(ctx, c)
	if err != nil {
		return err
	}
	if s.options.JSON {
		return s.json(accountOf(p.Account()))
	}
	s.line("signed in as %s at %s", model.Show(p.Account().Title()), model.Show(w.Service))
	return nil
}

// field is a text field of a credential.
func field(c model.Credential, key string) string {
	for _, e := range c.Fields {
		if e.Key == key {
			text, _ := e.Value.(string)
			return text
		}
	}
	return ""
}

func (s *commands) logout() *cobra.Command {
	return &cobra.Command{
		Use: "logout [ACCOUNT]", Short: "End a session at the service and forget it here",
		Args: usage(cobra.MaximumNArgs(1)), ValidArgsFunction: s.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withWorld(cmd.Context(), func(ctx context.Context, w *World) error {
				account, err := pick(w, args)
				if err != nil {
					return err
				}
				ctx, cancel := s.deadline(ctx)
				defer cancel()
				if err := w.Accounts.SignOut(ctx, account.ID); err != nil {
					return err
				}
				if !s.options.JSON {
					s.line("signed out %s", model.Show(account.Title()))
					return nil
				}
				return s.json(accountOf(account))
			})
		},
	}
}
