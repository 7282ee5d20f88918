package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"dossier/model"
)

// linkHelp is the help of the commands that read the link of a mail.
const linkHelp = "The link in the mail is a secret: dossier reads it from standard input, never from an argument."

func (s *commands) register() *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use: "register EMAIL", Short: "Create an e-mail and password account without signing in",
		Long: "If the application requires a confirmation, run dossier confirm with the link in the mail.",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := s.readPassword(stdin)
			if err != nil {
				return err
			}
			done := "registered " + args[0] + ". Next: " + s.here("confirm") + " (if the application requires it), then " +
				s.here("login")
			return s.runStep(cmd, done,
				func(ctx context.Context, conn *Connection) error {
					return conn.Accounts.Register(ctx, args[0], password)
				})
		},
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

func (s *commands) confirm() *cobra.Command {
	return &cobra.Command{
		Use: "confirm [EMAIL]", Short: "Confirm an e-mail address with the mailed link; give EMAIL to request the mail again",
		Long:    linkHelp,
		Example: "dossier confirm < link.txt\ndossier confirm ada@example.com",
		Args:    checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return s.runStep(cmd, "sent a mail to "+args[0], func(ctx context.Context, conn *Connection) error {
					return conn.Registrations.SendConfirmation(ctx, args[0])
				})
			}
			lines, err := s.readLines(1)
			if err != nil {
				return err
			}
			token, id, err := parseLink(lines[0])
			if err != nil {
				return err
			}
			return s.runStep(cmd, "confirmed; sign in with "+s.here("login"), func(ctx context.Context, conn *Connection) error {
				return adviseNewMail(conn.Registrations.Confirm(ctx, token, id), s.here("confirm EMAIL"))
			})
		},
	}
}

func (s *commands) reset() *cobra.Command {
	return &cobra.Command{
		Use: "reset [EMAIL]", Short: "Reset a password with the mailed link; give EMAIL to request the mail",
		Long:    linkHelp + "\nThe new password is the second line; at a terminal dossier prompts for it.",
		Example: "dossier reset ada@example.com\ndossier reset < link-and-password.txt",
		Args:    checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return s.runStep(cmd, "sent a mail to "+args[0], func(ctx context.Context, conn *Connection) error {
					return conn.Registrations.SendReset(ctx, args[0])
				})
			}
			lines, err := s.readLines(2)
			if err != nil {
				return err
			}
			token, id, err := parseLink(lines[0])
			password := lines[1]
			if err == nil && password == "" {
				password, err = s.readPassword(false)
			}
			if err != nil {
				return err
			}
			done := "the password is reset; sign in with " + s.here("login")
			return s.runStep(cmd, done, func(ctx context.Context, conn *Connection) error {
				return adviseNewMail(conn.Registrations.Reset(ctx, token, id, password), s.here("reset EMAIL"))
			})
		},
	}
}

// adviseNewMail adds the command that sends another mail to the error of a used or expired link.
func adviseNewMail(err error, command string) error {
	var f *model.Fault
	if errors.As(err, &f) && f.Code == "UserpassTokenInvalid" {
		f.Advice = "send another mail with " + command
	}
	return err
}

// runStep runs a step that needs no signed-in user, and prints the text when it is done.
func (s *commands) runStep(cmd *cobra.Command, done string, do func(context.Context, *Connection) error) error {
	return s.withConnection(cmd.Context(), func(ctx context.Context, conn *Connection) error {
		ctx, cancel := s.deadline(ctx)
		defer cancel()
		if err := do(ctx, conn); err != nil {
			return err
		}
		if s.options.JSON {
			return s.printJSON(map[string]string{"done": done})
		}
		s.printLine("%s", model.Show(done))
		return nil
	})
}

// readLines reads n lines from standard input; missing lines are empty. At a terminal it reads one line: dossier
// prompts for the rest.
func (s *commands) readLines(n int) ([]string, error) {
	in, out := bufio.NewReader(s.In), make([]string, n)
	for i := range out {
		line, err := in.ReadString('\n')
		out[i] = strings.TrimRight(line, "\r\n")
		switch {
		case errors.Is(err, io.EOF), s.Password != nil:
			return out, nil
		case err != nil:
			return out, model.InvalidInputf("standard input", "cannot read it: %v", err)
		}
	}
	return out, nil
}

// parseLink returns the token and its id in the link of a mail.
func parseLink(link string) (token, id string, err error) {
	if u, bad := url.Parse(strings.TrimSpace(link)); bad == nil {
		token, id = u.Query().Get("token"), u.Query().Get("tokenId")
	}
	if token == "" || id == "" {
		return "", "", model.InvalidInputf("standard input", "expected the link in the mail, with token=… and tokenId=…")
	}
	return token, id, nil
}
