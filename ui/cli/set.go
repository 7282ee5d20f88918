package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/port"
)

func (s *commands) set() *cobra.Command {
	var strict, create bool
	cmd := &cobra.Command{
		Use: "set PATH=VALUE…", Short: "Set fields of the custom data with one guarded update, then refresh",
		Long: "An existing field keeps its BSON type. The value of a new field is parsed as extended JSON, or else is a " +
			"string; text that starts like JSON or a number must be valid.\n" +
			"PATH:=JSON sets a JSON value, in which numbers keep the numeric types of the numbers they replace; " +
			"PATH:TYPE=TEXT sets a BSON type. A backslash escapes . : = in a path.\n" +
			"{\"$fields\":[[\"key\",value],…]} is an object that extended JSON cannot write, as with duplicate keys; " +
			"{\"$bson\":\"…\"} is any other such value.\n" +
			"A date may be relative to now, as on the screen: now, tomorrow 9:00, +2d, -3h.\n" +
			"A new field whose name is similar to an existing one gives a warning.",
		Example: "dossier set favoriteColor=purple\ndossier set 'address.zip:string=01234' 'tags:=[\"a\",\"b\"]'",
		Args:    checkArguments,

		ValidArgsFunction: s.completePaths("="),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := applyVariables(cmd.LocalNonPersistentFlags(), s.Getenv); err != nil {
				return err
			}
			list, err := parseAll(args, parseAssignment)
			if err != nil {
				return err
			}
			if err := checkOverlaps(list); err != nil {
				return err
			}
			var warnings []string
			err = s.edit(cmd.Context(), func(d *model.Draft) (err error) {
				if !create {
					if warnings, err = newFieldWarnings(list, d.Base(), strict); err != nil {
						return err
					}
				}
				return assignAll(d, list, s.Now())
			})
			if err != nil {
				return err
			}
			for _, w := range warnings {
				fmt.Fprintf(s.Err, "dossier: %s\n", model.Show(w))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "refuse to create fields, unless --create is given")
	cmd.Flags().BoolVar(&create, "create", false, "create fields without a warning")
	return cmd
}

// assignAll sets the fields of the assignments; dates relative to now are those at this time.
func assignAll(d *model.Draft, list []assignment, now time.Time) error {
	for _, a := range list {
		if err := d.CheckProtected(a.path); err != nil {
			return argumentFault(a.origin, err)
		}
		v, err := a.value(d.Result(), now)
		if err != nil {
			return err
		}
		if err := d.Set(a.path, v); err != nil {
			return argumentFault(a.origin, err)
		}
	}
	return nil
}

// newFieldWarnings returns a warning for each new field whose name is similar to an existing one. With strict, a new
// field is an error.
func newFieldWarnings(list []assignment, doc bson.Raw, strict bool) (warnings []string, err error) {
	for _, a := range list {
		if !model.NewField(doc, a.path) {
			continue
		}
		similar, found := model.SimilarField(doc, a.path)
		switch {
		case strict:
			message := fmt.Sprintf("the field %s does not exist", a.path)
			if found {
				message += fmt.Sprintf("; did you mean %s? Use --create to create it", similar)
			} else {
				message += "; use --create to create it"
			}
			return nil, argumentFault(a.origin, &model.Fault{Kind: model.InvalidInput, Message: message})
		case found:
			warnings = append(warnings, fmt.Sprintf("%s is a new field; did you mean %s?", a.path, similar))
		}
	}
	return warnings, nil
}

func (s *commands) unset() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "unset PATH…", Short: "Remove fields of the custom data with one guarded update, then refresh",
		ValidArgsFunction: s.completePaths(""),
		Args: func(cmd *cobra.Command, args []string) error {
			if all != (len(args) == 0) {
				return &model.Fault{Kind: model.InvalidInput, Message: "expected paths, or --all without a path",
					Advice: "see dossier unset --help"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			paths, err := parseAll(args, func(arg string) (model.Path, error) {
				p, err := model.ParsePath(arg)
				if err != nil {
					return nil, argumentFault(arg, err)
				}
				return p, nil
			})
			if err != nil {
				return err
			}
			return s.edit(cmd.Context(), func(d *model.Draft) error { return unsetFields(d, paths, all) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove all fields except the ids")
	return cmd
}

// unsetFields unsets the paths, or with all every top-level field that is not an id.
func unsetFields(d *model.Draft, paths []model.Path, all bool) error {
	if all {
		fields, err := d.Base().Elements()
		if err != nil {
			return err
		}
		for _, e := range fields {
			if key := e.Key(); key != "_id" && key != d.Owner().UserIDField {
				paths = append(paths, model.Path{key})
			}
		}
	}
	for _, p := range paths {
		if _, ok := p.Lookup(d.Result()); !ok {
			message := "the field does not exist"
			if similar, found := model.SimilarField(d.Result(), p); found {
				message += fmt.Sprintf("; did you mean %s?", similar)
			}
			return argumentFault(p.String(), model.InvalidInputf("", "%s", message))
		}
		if err := d.Unset(p); err != nil {
			return argumentFault(p.String(), err)
		}
	}
	return nil
}

func (s *commands) deleteCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete", Short: "Delete the custom data document unless it changed in the meantime",
		Args: checkArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				return model.InvalidInputf("delete", "deletes the whole custom data document; confirm with --yes")
			}
			return s.withCurrentUser(cmd.Context(), s.deleteDocument)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "delete without confirmation")
	return cmd
}

func (s *commands) deleteDocument(ctx context.Context, _ *Connection, user port.User) error {
	check, err := user.Check(ctx)
	if err != nil {
		return err
	}
	if check.Document == nil {
		return s.printDeleted(user, false)
	}
	s.warnOfDuplicates(check)
	out, err := user.DeleteDocument(ctx, check)
	if err != nil {
		return err
	}
	if out.Conflict {
		return conflictFault()
	}
	if out.Saved {
		s.printWritten("deleted", user)
	}
	if _, err := user.Refresh(ctx); err != nil {
		return notRefreshedFault("the document was deleted", err)
	}
	return s.printDeleted(user, true)
}

// printDeleted prints whether a document was deleted; without a document there was nothing to delete.
func (s *commands) printDeleted(user port.User, deleted bool) error {
	switch {
	case s.options.JSON:
		return s.printJSON(struct {
			Deleted bool   `json:"deleted"`
			UserID  string `json:"user_id"`
		}{deleted, user.Session().UserID})
	case deleted:
		s.printLine("deleted")
	default:
		s.printLine("no document")
	}
	return nil
}

// edit reads the document, calls plan with a draft of it, saves the draft guarded, refreshes, and prints old and new
// values. The timeout limits each of these calls, not all together: a large document on a slow database takes long.
func (s *commands) edit(ctx context.Context, plan func(*model.Draft) error) error {
	return s.withCurrentUser(ctx, func(ctx context.Context, _ *Connection, user port.User) error {
		config, err := customData(ctx, user)
		if err != nil {
			return err
		}
		check, err := user.Check(ctx)
		if err != nil {
			return err
		}
		s.warnOfDuplicates(check)
		draft := model.NewDraft(check.Document, check.Owner(config.UserIDField, user.Session().UserID))
		if err := plan(draft); err != nil {
			return err
		}
		if draft.Empty() {
			return s.printChanges(user, nil)
		}
		return s.save(ctx, user, draft)
	})
}

func (s *commands) save(ctx context.Context, user port.User, draft *model.Draft) error {
	update, err := draft.Update()
	if err != nil {
		return err
	}
	out, err := user.Save(ctx, update)
	if err != nil {
		return err
	}
	if out.Conflict {
		return conflictFault()
	}
	if out.Saved {
		s.printWritten("changed", user)
	}
	session, err := user.Refresh(ctx)
	if err != nil {
		return notRefreshedFault("the change was saved", err)
	}
	if session.Snapshot.TooLarge {
		fmt.Fprintf(s.Err, "dossier: %s\n", tooLargeMessage)
	}
	return s.printChanges(user, draft.Changes())
}

// printWritten prints on standard error whose custom data was changed or deleted. JSON output has the user id.
func (s *commands) printWritten(done string, user port.User) {
	if !s.options.JSON {
		fmt.Fprintf(s.Err, "dossier: %s the custom data of %s\n", done, describeUser(user))
	}
}

// describeUser returns a user's name and id.
func describeUser(user port.User) string {
	id := model.Show(user.Session().UserID)
	if name := user.CachedProfile().Name(); name != "" {
		return fmt.Sprintf("%s (user id %s)", model.Show(name), id)
	}
	return fmt.Sprintf("the user id %s", id)
}

// warnOfDuplicates warns on standard error that several documents have the user id.
func (s *commands) warnOfDuplicates(check model.CheckResult) {
	if check.Duplicates > 0 {
		id, _ := (model.Path{"_id"}).Lookup(check.Document)
		fmt.Fprintf(s.Err, "dossier: %d documents have this user id; the oldest one is used, with the _id %s\n",
			1+check.Duplicates, displayValue(id))
	}
}

// notRefreshedFault reports a failed refresh after a write; the write need not be repeated.
func notRefreshedFault(done string, err error) error {
	f := *model.AsFault("refresh", err)
	f.Message = done + ", but the token was not refreshed: " + f.Message
	return &f
}

// printChanges prints `old PATH: …` and `new PATH: …` (as the example "Modify a User's Custom Data" of
// the Web SDK does).
func (s *commands) printChanges(user port.User, changes []model.Change) error {
	if s.options.JSON {
		return s.printJSON(struct {
			Changes []changeJSON `json:"changes"`
			UserID  string       `json:"user_id"`
		}{changesJSONOf(changes), user.Session().UserID})
	}
	for _, c := range changes {
		path := model.Show(c.Path.String())
		s.printLine("old %s: %s", path, displayValue(c.Old))
		s.printLine("new %s: %s", path, displayValue(c.New))
	}
	if len(changes) == 0 {
		s.printLine("no change")
	}
	return nil
}

// customData returns where the document is stored, from the last known profile, or else from a new one.
func customData(ctx context.Context, user port.User) (model.CustomDataConfig, error) {
	config := user.CachedProfile().App.CustomData
	if config.Complete() {
		return config, nil
	}
	profile, err := user.Profile(ctx)
	if err != nil {
		return config, err
	}
	if !profile.App.CustomData.Complete() {
		return config, profile.App.CustomData.MissingError("")
	}
	return profile.App.CustomData, nil
}

func conflictFault() error {
	return &model.Fault{Kind: model.Conflicting, Message: "the document changed in the meantime, nothing was written",
		Advice: "check it and repeat the command"}
}

// parseAll parses every argument. The first invalid one is an error.
func parseAll[T any](args []string, read func(string) (T, error)) ([]T, error) {
	var out []T
	for _, arg := range args {
		v, err := read(arg)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
