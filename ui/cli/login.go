package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// loginOptions is the flags of `login` alone.
type loginOptions struct {
	anonymous, register     bool
	password, apiKey, token bool   // read from standard input
	function                string // a payload, or "-" for standard input
}

func (s *commands) login() *cobra.Command {
	var o loginOptions
	cmd := &cobra.Command{
		Use: "login [EMAIL]", Short: "Sign in and switch to that account",
		Long: "dossier prompts for the password, or reads it from standard input with --password-stdin. API keys and " +
			"tokens are also read from standard input.\n" +
			"Secrets are never arguments, because other users of the machine can see arguments.\nWith --server, later " +
			"commands need the same --server and --app-id, or server and app_id in config.toml.\nThe embedded workspace's " +
			"demo user is demo@example.com, password demo-password.",
		Example: "dossier login ada@example.com\n\n# with an API key\ndossier login --api-key-stdin < key.txt\n\n" +
			"# with the payload of the application's sign-in function\ndossier login --function '{\"ticket\": 7}'",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			credential, err := s.credential(args, o)
			if err != nil {
				return err
			}
			return s.withConnection(cmd.Context(), func(ctx context.Context, conn *Connection) error {
				return s.signIn(ctx, conn, credential, o.register)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.anonymous, "anonymous", false, "sign in as a new anonymous user")
	f.BoolVar(&o.register, "register", false, "create the account first")
	f.BoolVar(&o.password, "password-stdin", false, "read the password from standard input")
	f.BoolVar(&o.apiKey, "api-key-stdin", false, "sign in with an API key, read from standard input")
	f.BoolVar(&o.token, "token-stdin", false, "sign in with a JWT of the provider custom-token, read from standard input")
	f.StringVar(&o.function, "function", "",
		"sign in with a payload for the application's sign-in function: an extended JSON object, or - to read it from "+
			"standard input")
	return cmd
}

// credential returns the credential that the flags describe. It reads secrets before a service is opened.
func (s *commands) credential(args []string, o loginOptions) (model.Credential, error) {
	methods := map[string]bool{"--anonymous": o.anonymous, "--api-key-stdin": o.apiKey, "--token-stdin": o.token,
		"--function": o.function != ""}
	method := ""
	for _, flag := range slices.Sorted(maps.Keys(methods)) {
		switch {
		case !methods[flag]:
		case method != "":
			return model.Credential{}, model.InvalidInputf(method, "cannot be combined with %s", flag)
		case len(args) > 0 || o.register || o.password:
			return model.Credential{}, model.InvalidInputf(flag,
				"cannot be combined with an e-mail address, --register or --password-stdin")
		default:
			method = flag
		}
	}
	switch method {
	case "--anonymous":
		return model.Credential{Provider: "anon-user"}, nil
	case "--api-key-stdin":
		return s.secretCredential(method, "api-key", "key")
	case "--token-stdin":
		return s.secretCredential(method, "custom-token", "token")
	case "--function":
		return s.functionCredential(o.function)
	}
	if len(args) == 0 {
		return model.Credential{}, model.InvalidInputf("login",
			"expected an e-mail address, --anonymous, --api-key-stdin, --token-stdin or --function")
	}
	password, err := s.readPassword(o.password)
	if err != nil {
		return model.Credential{}, err
	}
	return model.Credential{
		Provider: "local-userpass",
		Fields:   bson.D{{Key: "username", Value: args[0]}, {Key: "password", Value: password}},
	}, nil
}

// secretCredential reads the credential of a provider that takes one secret.
func (s *commands) secretCredential(flag, provider, key string) (model.Credential, error) {
	text, err := s.readSecret(flag)
	if text = strings.TrimSpace(text); err == nil && text == "" {
		err = model.InvalidInputf(flag, "standard input is empty")
	}
	if err != nil {
		return model.Credential{}, err
	}
	return model.Credential{Provider: provider, Fields: bson.D{{Key: key, Value: text}}}, nil
}

// functionCredential parses the payload of a sign-in function.
func (s *commands) functionCredential(payload string) (model.Credential, error) {
	c := model.Credential{Provider: "custom-function"}
	if payload == "-" {
		text, err := io.ReadAll(io.LimitReader(s.In, maxPayloadBytes))
		if err != nil {
			return c, model.InvalidInputf("--function", "cannot read standard input: %v", err)
		}
		payload = string(text)
	}
	doc, err := model.ParseDocument(payload)
	if err == nil {
		err = bson.Unmarshal(doc, &c.Fields)
	}
	if err != nil {
		return c, model.InvalidInputf("--function", "expected an extended JSON object: %v", err)
	}
	return c, nil
}

// maxPayloadBytes limits the payload that is read. Services accept less.
const maxPayloadBytes = 1 << 20

// readSecret reads one line from standard input.
func (s *commands) readSecret(flag string) (string, error) {
	line, err := bufio.NewReader(s.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", model.InvalidInputf(flag, "cannot read standard input: %v", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (s *commands) readPassword(stdin bool) (string, error) {
	if stdin {
		return s.readSecret("--password-stdin")
	}
	if s.Password == nil {
		return "", model.InvalidInputf("password", "no terminal to prompt for it; use --password-stdin")
	}
	return s.Password()
}

func (s *commands) signIn(ctx context.Context, conn *Connection, c model.Credential, register bool) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if register {
		if err := conn.Accounts.Register(ctx, stringField(c, "username"), stringField(c, "password")); err != nil {
			return err
		}
	}
	user, err := conn.Accounts.SignIn(ctx, c)
	if register && model.FaultKindOf(err) == model.InvalidCredentials {
		return model.UnconfirmedFault(err)
	}
	if err != nil {
		return err
	}
	if s.options.JSON {
		return s.printJSON(accountJSONOf(accountNow(conn, user.Account())))
	}
	s.printLine("signed in as %s at %s", model.Show(user.Account().DisplayName()), model.Show(conn.Service))
	if s.options.Server != "" && len(s.place) > 0 {
		fmt.Fprintf(s.Err, "dossier: other commands do not remember the service: %s, or server and app_id in %s\n",
			model.Show(s.here("whoami")), model.Show(s.Settings))
	}
	return nil
}

// stringField returns a string field of a credential.
func stringField(c model.Credential, key string) string {
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
		Use: "logout [ACCOUNT]", Short: "Sign an account out and end its session",
		Args: checkArguments, ValidArgsFunction: s.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withConnection(cmd.Context(), func(ctx context.Context, conn *Connection) error {
				account, err := s.findAccount(conn, args)
				if err != nil {
					return err
				}
				ctx, cancel := s.deadline(ctx)
				defer cancel()
				if err := conn.Accounts.SignOut(ctx, account.ID); err != nil {
					return err
				}
				if !s.options.JSON {
					s.printLine("signed out %s", model.Show(account.DisplayName()))
					return nil
				}
				return s.printJSON(accountJSONOf(accountNow(conn, account)))
			})
		},
	}
}
