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

// mailed is the help of the commands that take the link of a mail.
const mailed = "The link in the mail is a secret: it is read from standard input, never an argument."

func (s *commands) register() *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use: "register EMAIL", Short: "Make an e-mail and password account, without signing in",
		Long: "Where the application wants addresses confirmed, dossier confirm does that with the link in the mail.",
		Args: arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := s.password(stdin)
			if err != nil {
				return err
			}
			return s.step(cmd, "registered "+args[0]+"; where the application wants it, confirm by the link in the mail, then dossier login", func(ctx context.Context, w *World) error {
				return w.Accounts.Register(ctx, args[0], password)
			})
		},
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

func (s *commands) confirm() *cobra.Command {
	return &cobra.Command{
		Use: "confirm [EMAIL]", Short: "Confirm an e-mail address with the link in its mail; with EMAIL, have the mail sent again",
		Long:    mailed,
		Example: "dossier confirm < link.txt\ndossier confirm ada@example.com",
		Args:    arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return s.step(cmd, "a mail is on its way to "+args[0], func(ctx context.Context, w *World) error {
					return w.Registrations.SendConfirmation(ctx, args[0])
				})
			}
			lines, err := s.lines(1)
			if err != nil {
				return err
			}
			token, id, err := parts(lines[0])
			if err != nil {
				return err
			}
			return s.step(cmd, "confirmed; dossier login signs in", func(ctx context.Context, w *World) error {
				return usedUp(w.Registrations.Confirm(ctx, token, id), "dossier confirm EMAIL")
			})
		},
	}
}

func (s *commands) reset() *cobra.Command {
	return &cobra.Command{
		Use: "reset [EMAIL]", Short: "Reset a password with the link in a mail; with EMAIL, have the mail sent",
		Long:    mailed + "\nThe new password is asked for at the terminal, or is the second line.",
		Example: "dossier reset ada@example.com\ndossier reset < link-and-password.txt",
		Args:    arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return s.step(cmd, "a mail is on its way to "+args[0], func(ctx context.Context, w *World) error {
					return w.Registrations.SendReset(ctx, args[0])
				})
			}
			lines, err := s.lines(2)
			if err != nil {
				return err
			}
			token, id, err := parts(lines[0])
			password := lines[1]
			if err == nil && password == "" {
				password, err = s.password(false)
			}
			if err != nil {
				return err
			}
			return s.step(cmd, "the password is reset; dossier login signs in", func(ctx context.Context, w *World) error {
				return usedUp(w.Registrations.Reset(ctx, token, id, password), "dossier reset EMAIL")
			})
		},
	}
}

// usedUp names the command that has another mail sent, where a link is not good any more.
func usedUp(err error, command string) error {
	var f *model.Fault
	if errors.As(err, &f) && f.Code == "UserpassTokenInvalid" {
		f.Advice = command + " has another sent"
	}
	return err
}

// step does something that needs nobody signed in, and says that it is done.
func (s *commands) step(cmd *cobra.Command, done string, do func(context.Context, *World) error) error {
	return s.withWorld(cmd.Context(), func(ctx context.Context, w *World) error {
		ctx, cancel := s.deadline(ctx)
		defer cancel()
		if err := do(ctx, w); err != nil {
			return err
		}
		if s.options.JSON {
			return s.json(map[string]string{"done": done})
		}
		s.line("%s", model.Show(done))
		return nil
	})
}

// lines reads so many lines of standard input, as empty where there are fewer. At a terminal it reads one: what follows is asked for.
func (s *commands) lines(n int) ([]string, error) {
	in, out := bufio.NewReader(s.In), make([]string, n)
	for i := range out {
		line, err := in.ReadString('\n')
		out[i] = strings.TrimRight(line, "\r\n")
		switch {
		case errors.Is(err, io.EOF), s.Password != nil:
			return out, nil
		case err != nil:
			return out, model.InvalidInputf("standard input", "cannot be read: %v", err)
		}
	}
	return out, nil
}

// parts takes the link of a mail apart.
func parts(link string) (token, id string, err error) {
	if u, bad := url.Parse(strings.TrimSpace(link)); bad == nil {
		token, id = u.Query().Get("token"), u.Query().Get("tokenId")
	}
	if token == "" || id == "" {
		return "", "", model.InvalidInputf("standard input", "wants the link in the mail, with token=… and tokenId=… in it")
	}
	return token, id, nil
}
