package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/port"
)

func (s *commands) whoami() *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show who is signed in, the custom data the app holds, and how old it is",
		Long: "Prints the user object as the application holds it. It reads the stored token and makes no authenticated call:\nlooking must not refresh.",
		Args: arguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.withPerson(cmd.Context(), s.printWho) },
	}
}

// who is whoami's JSON; the keys are the seed's user object and the session.
type who struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Data       json.RawMessage `json:"data"`
	Identities []identity      `json:"identities"`
	CustomData json.RawMessage `json:"custom_data"`
	Session    session         `json:"session"`
}

type identity struct {
	ID           string `json:"id"`
	ProviderType string `json:"provider_type"`
}

type session struct {
	IssuedAt   *string     `json:"issued_at"`
	ExpiresAt  *string     `json:"expires_at"`
	CheckedAt  *string     `json:"checked_at"`
	StaleSince *string     `json:"stale_since"`
	TooLarge   bool        `json:"custom_data_too_large"` // the document does not fit a token, so the application sees none
	State      model.State `json:"state"`
}

// printWho prints what is held, after asking only whether the service answers at all.
func (s *commands) printWho(ctx context.Context, _ *World, p port.User) error {
	now := s.Now()
	held := p.Session()
	st := model.Staleness{
		IssuedAt: held.Snapshot.IssuedAt, ExpiresAt: held.Snapshot.ExpiresAt,
		CheckedAt: held.CheckedAt, StaleSince: held.StaleSince,
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if p.Ping(ctx) != nil {
		st.UnreachableSince = now
	}
	user := p.CachedProfile()
	if s.options.JSON {
		return s.json(whoOf(user, held, st, now))
	}
	s.tellWho(user, held, st, now)
	return nil
}

func whoOf(user model.User, held model.Session, st model.Staleness, now time.Time) who {
	w := who{
		ID: held.UserID, Type: user.Type, Data: document(user.Data), Identities: []identity{}, CustomData: document(held.Snapshot.CustomData),
		Session: session{stamp(st.IssuedAt), stamp(st.ExpiresAt), stamp(st.CheckedAt), stamp(st.StaleSince), held.TooLarge, st.StateAt(now)},
	}
	for _, i := range user.Identities {
		w.Identities = append(w.Identities, identity{i.ID, i.ProviderType})
	}
	return w
}

// tellWho prints the same for people, one `name: value` a line.
func (s *commands) tellWho(user model.User, held model.Session, st model.Staleness, now time.Time) {
	s.line("id: %s", model.Show(held.UserID))
	s.line("type: %s", model.Show(user.Type))
	if fields, err := user.Data.Elements(); err == nil {
		for _, e := range fields {
			s.line("data.%s: %s", model.Show(e.Key()), shown(e.Value()))
		}
	}
	for _, i := range user.Identities {
		s.line("identity: %s %s", model.Show(i.ProviderType), model.Show(i.ID))
	}
	s.tellCustomData(held)
	s.line("issued: %s (%s ago)", local(st.IssuedAt), st.Age(now).Truncate(time.Second))
	s.line("expires: %s", local(st.ExpiresAt))
	s.line("state: %s", describe(st, now))
}

func (s *commands) tellCustomData(held model.Session) {
	doc := held.Snapshot.CustomData
	if held.TooLarge {
		s.line("custom data: none in the token: the document is too large for one")
		return
	}
	if doc == nil {
		s.line("custom data: none in the token")
		return
	}
	fields, err := doc.Elements()
	if err != nil {
		s.line("custom data: malformed: %v", err)
		return
	}
	for _, e := range fields {
		s.line("custom_data.%s: %s", model.Show(model.Path{e.Key()}.String()), shown(e.Value()))
	}
}

// describe says the state in words that claim no more than is known.
func describe(st model.Staleness, now time.Time) string {
	switch st.StateAt(now) {
	case model.Unknown:
		return "unknown: the service does not answer"
	case model.Due:
		return "due since " + local(st.ExpiresAt) + ": the token is renewed on the next call"
	case model.Stale:
		return "stale since " + local(st.StaleSince) + ": the database is known to differ"
	default:
		if st.CheckedAt.IsZero() {
			return "current: nothing newer is known (the database was not looked at since the token was minted)"
		}
		return "current: nothing newer is known (the database was last looked at " + local(st.CheckedAt) + ")"
	}
}

// local is a moment for people, in their own time zone, with the zone.
func local(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }
