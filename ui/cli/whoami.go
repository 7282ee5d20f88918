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
		Use: "whoami", Short: "Show the current user, the custom data in the access token and how old it is",
		Long: "Prints the user object of this session and the copy of the custom data in its token. It reads the stored\n" +
			"token and never refreshes it. Other sessions of the user, such as the app on a phone, have their own copies.\n" +
			"State: current (equal to the database when last compared), stale, unchecked (not compared since the token was\n" +
			"issued), due (expired) or unknown (the service does not respond).",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.withCurrentUser(cmd.Context(), s.printWhoami) },
	}
}

// whoamiJSON is the JSON output of whoami: the SDK's user object and the session.
type whoamiJSON struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Data       json.RawMessage `json:"data"`
	Identities []identityJSON  `json:"identities"`
	CustomData json.RawMessage `json:"custom_data"`
	Session    sessionJSON     `json:"session"`
}

type identityJSON struct {
	ID           string `json:"id"`
	ProviderType string `json:"provider_type"`
}

type sessionJSON struct {
	IssuedAt   *string `json:"issued_at"`
	ExpiresAt  *string `json:"expires_at"`
	CheckedAt  *string `json:"checked_at"`
	StaleSince *string `json:"stale_since"` // when dossier noticed a difference
	ChangedAt  *string `json:"changed_at"`  // when the database changed; null: unknown
	Documents  *int    `json:"documents"`   // number of documents with the user id; null: unknown
	// the document does not fit into a token, so the application has none
	TooLarge bool        `json:"custom_data_too_large"`
	State    model.State `json:"state"`
}

// printWhoami prints the profile and the snapshot that are stored, after a ping of the service.
func (s *commands) printWhoami(ctx context.Context, _ *Connection, user port.User) error {
	now := s.Now()
	stored := user.Session()
	st := model.Staleness{
		IssuedAt: stored.Snapshot.IssuedAt, ExpiresAt: stored.Snapshot.ExpiresAt,
		CheckedAt: stored.CheckedAt, StaleSince: stored.StaleSince, ChangedAt: stored.ChangedAt,
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if user.Ping(ctx) != nil {
		st.UnreachableSince = now
	}
	profile := user.CachedProfile()
	if s.options.JSON {
		return s.printJSON(whoamiJSONOf(profile, stored, st, now))
	}
	s.printUser(profile, stored, st, now)
	return nil
}

func whoamiJSONOf(profile model.User, stored model.Session, st model.Staleness, now time.Time) whoamiJSON {
	w := whoamiJSON{
		ID: stored.UserID, Type: profile.Type, Data: jsonDocument(profile.Data), Identities: []identityJSON{},
		CustomData: jsonDocument(stored.Snapshot.CustomData),
		Session: sessionJSON{timestamp(st.IssuedAt), timestamp(st.ExpiresAt), timestamp(st.CheckedAt),
			timestamp(st.StaleSince), timestamp(st.ChangedAt), nil, stored.Snapshot.TooLarge, st.StateAt(now)},
	}
	if stored.Documents > 0 {
		w.Session.Documents = &stored.Documents
	}
	for _, i := range profile.Identities {
		w.Identities = append(w.Identities, identityJSON{i.ID, i.ProviderType})
	}
	return w
}

// printUser prints the same as text, one `name: value` per line.
func (s *commands) printUser(profile model.User, stored model.Session, st model.Staleness, now time.Time) {
	s.printLine("id: %s", model.Show(stored.UserID))
	s.printLine("type: %s", model.Show(profile.Type))
	if fields, err := profile.Data.Elements(); err == nil {
		for _, e := range fields {
			s.printLine("data.%s: %s", model.Show(e.Key()), displayValue(e.Value()))
		}
	}
	for _, i := range profile.Identities {
		s.printLine("identity: %s %s", model.Show(i.ProviderType), model.Show(i.ID))
	}
	s.printCustomData(stored)
	if stored.Documents > 1 {
		s.printLine("documents: %d have this user id; the oldest one is used", stored.Documents)
	}
	s.printLine("issued: %s (%s ago)", localTime(st.IssuedAt), st.Age(now).Truncate(time.Second))
	s.printLine("expires: %s", localTime(st.ExpiresAt))
	state := describeState(st, now)
	if stored.Snapshot.TooLarge && st.StateAt(now) == model.Unchecked {
		state = "unchecked: the token has no custom data to compare"
	}
	s.printLine("state: %s", state)
}

func (s *commands) printCustomData(stored model.Session) {
	doc := stored.Snapshot.CustomData
	if stored.Snapshot.TooLarge {
		s.printLine("custom data: none in the token, because the document is too large: a token holds %s", model.TokenHolds)
		return
	}
	if doc == nil {
		s.printLine("custom data: none in the token")
		return
	}
	fields, err := doc.Elements()
	if err != nil {
		s.printLine("custom data: malformed: %v", err)
		return
	}
	for _, e := range fields {
		s.printLine("custom_data.%s: %s", model.Show(model.Path{e.Key()}.String()), displayValue(e.Value()))
	}
}

// describeState returns the state as text that states no more than is known.
func describeState(st model.Staleness, now time.Time) string {
	switch st.StateAt(now) {
	case model.Unknown:
		return "unknown: the service does not respond"
	case model.Due:
		return "due since " + localTime(st.ExpiresAt) + ": the next call refreshes the token"
	case model.Stale:
		text := "stale: the database differs, noticed at " + localTime(st.StaleSince)
		if !st.ChangedAt.IsZero() {
			text += ", changed at " + localTime(st.ChangedAt)
		}
		return text
	case model.Unchecked:
		return "unchecked: not compared with the database since the token was issued"
	default:
		return "current: equal to the database when last compared, at " + localTime(st.CheckedAt)
	}
}

// localTime returns a time in the local time zone, with the zone.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }
