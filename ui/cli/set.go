package cli

import (
	"context"

	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/port"
)

func (s *commands) set() *cobra.Command {
	return &cobra.Command{
		Use: "set PATH=VALUE…", Short: "Change fields of the custom data with one guarded update, then refresh",
		Long: "A field keeps the BSON type it has; a new field's value is extended JSON when it parses as such, otherwise a string.\n" +
			"PATH:=JSON forces JSON and PATH:TYPE=TEXT a BSON type. A backslash escapes . : = in a path.",
		Example: "dossier set favoriteColor=purple\ndossier set 'address.zip:string=01234' 'tags:=[\"a\",\"b\"]'",
		Args:    arguments,

		ValidArgsFunction: s.completePaths("="),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := each(args, parseAssignment)
			if err != nil {
				return err
			}
			return s.change(cmd.Context(), func(d *model.Draft) error {
				for _, a := range list {
					v, err := a.value(d.Result())
					if err != nil {
						return err
					}
					if err := d.Set(a.path, v); err != nil {
						return placed(a.origin, err)
					}
				}
				return nil
			})
		},
	}
}

func (s *commands) unset() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "unset PATH…", Short: "Take fields of the custom data away with one guarded update, then refresh",
		ValidArgsFunction: s.completePaths(""),
		Args: func(cmd *cobra.Command, args []string) error {
			if all != (len(args) == 0) {
				return &model.Fault{Kind: model.InvalidInput, Message: "wants paths, or --all and no path", Advice: "see dossier unset --help"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			paths, err := each(args, func(arg string) (model.Path, error) {
				p, err := model.ParsePath(arg)
				if err != nil {
					return nil, placed(arg, err)
				}
				return p, nil
			})
			if err != nil {
				return err
			}
			return s.change(cmd.Context(), func(d *model.Draft) error { return takeAway(d, paths, all) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "empty the document but for its ids")
	return cmd
}

// takeAway unsets the paths, or every top-level field that is not an id.
func takeAway(d *model.Draft, paths []model.Path, all bool) error {
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
			return placed(p.String(), model.InvalidInputf("", "there is no such field"))
		}
		if err := d.Unset(p); err != nil {
			return placed(p.String(), err)
		}
	}
	return nil
}

func (s *commands) remove() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete", Short: "Delete the custom data document, if nobody changed it meanwhile",
		Args: arguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				return model.InvalidInputf("delete", "deletes the whole custom data document; say --yes if that is meant")
			}
			return s.withPerson(cmd.Context(), s.deleteDocument)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "delete without asking")
	return cmd
}

func (s *commands) deleteDocument(ctx context.Context, _ *World, p port.User) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	reading, err := p.Check(ctx)
	if err != nil {
		return err
	}
	if reading.Document == nil {
		s.line("there is no document")
		return nil
	}
	out, err := p.DeleteDocument(ctx, reading)
	if err != nil {
		return err
	}
	if out.Conflict {
		return conflict()
	}
	if _, err := p.Refresh(ctx); err != nil {
		return err
	}
	s.line("deleted")
	return nil
}

// change reads the document, lets plan fill a draft of it, saves it guarded, refreshes, and prints old and new as the seed's example does.
func (s *commands) change(ctx context.Context, plan func(*model.Draft) error) error {
	return s.withPerson(ctx, func(ctx context.Context, _ *World, p port.User) error {
		ctx, cancel := s.deadline(ctx)
		defer cancel()
		config, err := customData(ctx, p)
		if err != nil {
			return err
		}
		reading, err := p.Check(ctx)
		if err != nil {
			return err
		}
		draft := model.NewDraft(reading.Document, reading.Owner(config.UserIDField, p.Session().UserID))
		if err := plan(draft); err != nil {
			return err
		}
		if draft.Empty() {
			return s.printChanges(nil)
		}
		return s.save(ctx, p, draft)
	})
}

func (s *commands) save(ctx context.Context, p port.User, draft *model.Draft) error {
	update, err := draft.Update()
	if err != nil {
		return err
	}
	out, err := p.Save(ctx, update)
	if err != nil {
		return err
	}
	if out.Conflict {
		return conflict()
	}
	if _, err := p.Refresh(ctx); err != nil {
		return err
	}
	return s.printChanges(draft.Changes())
}

// printChanges prints `old PATH: …` and `new PATH: …` (seed: Web SDK page, the output of "Modify a User's Custom Data").
func (s *commands) printChanges(changes []model.Change) error {
	if s.options.JSON {
		return s.json(struct {
			Changes []change `json:"changes"`
		}{changesOf(changes)})
	}
	for _, c := range changes {
		path := model.Show(c.Path.String())
		s.line("old %s: %s", path, shown(c.Old))
		s.line("new %s: %s", path, shown(c.New))
	}
	if len(changes) == 0 {
		s.line("no change")
	}
	return nil
}

// customData is where the document lives, as the profile last said; a service that says nothing new is asked once.
func customData(ctx context.Context, p port.User) (model.CustomDataConfig, error) {
	config := p.CachedProfile().App.CustomData
	if config.Complete() {
		return config, nil
	}
	user, err := p.Profile(ctx)
	if err != nil {
		return config, err
	}
	if !user.App.CustomData.Complete() {
		return config, &model.Fault{
			Kind: model.Failed, Message: "this service does not say where the custom data is kept",
			Advice: "give --database, --collection and --user-id-field",
		}
	}
	return user.App.CustomData, nil
}

func conflict() error {
	return &model.Fault{Kind: model.Conflicting, Message: "somebody else changed it meanwhile, nothing was written", Advice: "look at it again and repeat"}
}

// each reads every argument, or says which one is wrong before anything happens.
func each[T any](args []string, read func(string) (T, error)) ([]T, error) {
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
