package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// loginOptions is what only `login` takes.
type loginOptions struct {
	anonymous, register     bool
	password, apiKey, token bool   // read from standard input
	function                string // a payload, or "-" for standard input
}

func (s *commands) login() *cobra.Command {
	var o loginOptions
	cmd := &cobra.Command{
		Use: "login [EMAIL]", Short: "Sign in, and make that person the current one",
		Long: "The password is asked for at the terminal, or read from standard input with --password-stdin, as API keys and tokens are.\n" +
			"A secret is never an argument: arguments are seen by everybody on the machine.\nThe embedded workspace's demo user is demo@example.com, password demo-password.",
		Example: "dossier login ada@example.com\n\n# with an API key\ndossier login --api-key-stdin < key.txt\n\n" +
			"# with what the application's sign-in function takes\ndossier login --function '{\"ticket\": 7}'",
		Args: arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			credential, err := s.credential(args, o)
			if err != nil {
				return err
			}
			return s.withWorld(cmd.Context(), func(ctx context.Context, w *World) error {
				return s.signIn(ctx, w, credential, o.register)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.anonymous, "anonymous", false, "sign in as a new anonymous person")
	f.BoolVar(&o.register, "register", false, "make the account first")
	f.BoolVar(&o.password, "password-stdin", false, "read the password from standard input")
	f.BoolVar(&o.apiKey, "api-key-stdin", false, "sign in with an API key, read from standard input")
	f.BoolVar(&o.token, "token-stdin", false, "sign in with a token (JWT) that the application knows how to check, read from standard input")
	f.StringVar(&o.function, "function", "", "sign in with what the application's sign-in function takes: an extended JSON object, or - to read it from standard input")
	return cmd
}

// credential gathers what to sign in with, before anything is opened.
func (s *commands) credential(args []string, o loginOptions) (model.Credential, error) {
	ways := map[string]bool{"--anonymous": o.anonymous, "--api-key-stdin": o.apiKey, "--token-stdin": o.token, "--function": o.function != ""}
	way := ""
	for _, flag := range slices.Sorted(maps.Keys(ways)) {
		switch {
		case !ways[flag]:
		case way != "":
			return model.Credential{}, model.InvalidInputf(way, "and %s are two ways to sign in: use one", flag)
		case len(args) > 0 || o.register || o.password:
			return model.Credential{}, model.InvalidInputf(flag, "takes no e-mail address, --register or --password-stdin")
		default:
			way = flag
		}
	}
	switch way {
	case "--anonymous":
		return model.Credential{Provider: "anon-user"}, nil
	case "--api-key-stdin":
		return s.secretCredential(way, "api-key", "key")
	case "--token-stdin":
		return s.secretCredential(way, "custom-token", "token")
	case "--function":
		return s.functionCredential(o.function)
	}
	if len(args) == 0 {
		return model.Credential{}, model.InvalidInputf("login", "wants an e-mail address, or one of --anonymous, --api-key-stdin, --token-stdin, --function")
	}
	password, err := s.password(o.password)
	if err != nil {
		return model.Credential{}, err
	}
	return model.Credential{
		Provider: "local-userpass",
		Fields:   bson.D{{Key: "username", Value: args[0]}, {Key: "password", Value: password}},
	}, nil
}

// secretCredential reads the one secret of a provider.
func (s *commands) secretCredential(flag, provider, key string) (model.Credential, error) {
	text, err := s.secret(flag)
	if text = strings.TrimSpace(text); err == nil && text == "" {
		err = model.InvalidInputf(flag, "standard input is empty")
	}
	if err != nil {
		return model.Credential{}, err
	}
	return model.Credential{Provider: provider, Fields: bson.D{{Key: key, Value: text}}}, nil
}

// functionCredential reads the payload of a sign-in function.
func (s *commands) functionCredential(payload string) (model.Credential, error) {
	c := model.Credential{Provider: "custom-function"}
	if payload == "-" {
		text, err := io.ReadAll(io.LimitReader(s.In, maxPayload))
		if err != nil {
			return c, model.InvalidInputf("--function", "standard input cannot be read: %v", err)
		}
		payload = string(text)
	}
	doc, err := model.ParseDocument(payload)
	if err == nil {
		err = bson.Unmarshal(doc, &c.Fields)
	}
	if err != nil {
		return c, model.InvalidInputf("--function", "wants an extended JSON object: %v", err)
	}
	return c, nil
}

// maxPayload is the largest payload read, in bytes: what a service takes is less.
const maxPayload = 1 << 20

// secret reads one line of standard input.
func (s *commands) secret(flag string) (string, error) {
	line, err := bufio.NewReader(s.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", model.InvalidInputf(flag, "standard input cannot be read: %v", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (s *commands) password(stdin bool) (string, error) {
	if stdin {
		return s.secret("--password-stdin")
	}
	if s.Password == nil {
		return "", model.InvalidInputf("password", "there is no terminal to ask for the password at; give it by --password-stdin")
	}
	return s.Password()
}

func (s *commands) signIn(ctx context.Context, w *World, c model.Credential, register bool) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if register {
		if err := w.Accounts.Register(ctx, field(c, "username"), field(c, "password")); err != nil {
			return err
		}
	}
	p, err := w.Accounts.SignIn(ctx, c)
	if register && model.FaultKindOf(err) == model.InvalidCredentials {
		return model.UnconfirmedFault(err)
	}
	if err != nil {
		return err
	}
	if s.options.JSON {
		return s.json(accountOf(p.Account()))
	}
	s.line("signed in as %s at %s", model.Show(p.Account().DisplayName()), model.Show(w.Service))
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
		Args: arguments, ValidArgsFunction: s.completeAccounts,
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
					s.line("signed out %s", model.Show(account.DisplayName()))
					return nil
				}
				return s.json(accountOf(account))
			})
		},
	}
}
