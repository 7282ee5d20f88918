package mail

import (
	"context"
	"log/slog"

	"dossier/backend/auth"
)

// Log is the outbox of a service without a mail server, for development: each message is one line of the log, its link included, so whoever reads the log can
// use it.
func Log(log *slog.Logger) func(ctx context.Context, m auth.Mail) error {
	return func(ctx context.Context, m auth.Mail) error {
		log.LogAttrs(ctx, slog.LevelWarn, "mail: no SMTP server is named, so this line is the outbox, for development only",
			slog.String("to", m.To), slog.String("subject", m.Subject), slog.String("link", m.Link.Reveal()))
		return nil
	}
}
