package mail

import (
	"context"
	"log/slog"

	"dossier/backend/auth"
)

// Log returns a function that logs messages instead of sending them, for development without a mail server. The line
// holds the message's link, which every reader of the log can use.
func Log(log *slog.Logger) func(ctx context.Context, m auth.Mail) error {
	return func(ctx context.Context, m auth.Mail) error {
		log.LogAttrs(ctx, slog.LevelWarn, "mail: no SMTP server is configured: the message is logged instead (for "+
			"development only)",
			slog.String("to", m.To), slog.String("subject", m.Subject), slog.String("link", m.Link.Reveal()))
		return nil
	}
}
