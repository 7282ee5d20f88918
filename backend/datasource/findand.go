package datasource

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/store"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func findOneAndUpdate(ctx context.Context, t *target, a *arguments) (any, error) {
	return findAndChange(ctx, t, a)
}

func findOneAndReplace(ctx context.Context, t *target, a *arguments) (any, error) {
	if err := a.isReplacement(); err != nil {
		return nil, err
	}
	return findAndChange(ctx, t, a)
}

// isReplacement refuses operators where a whole document stands.
func (a *arguments) isReplacement() error {
	c := change{update: a.get("update")}
	if _, replaces := c.replacement(); c.update != nil && !replaces {
		return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "the replace operation document must not contain atomic operators")
	}
	return nil
}

func findAndChange(ctx context.Context, t *target, a *arguments) (any, error) {
	c, err := t.readChange(a, "filter")
	if err != nil {
		return nil, err
	}
	project, err := a.object("projection")
	if err != nil {
		return nil, err
	}
	if err := t.allow(false, project); err != nil {
		return nil, err
	}
	after, err := a.truth("returnNewDocument")
	if err != nil {
		return nil, err
	}
	if t.direct() {
		return t.findAndChangeDirectly(ctx, c, project, after)
	}
	done, err := t.change(ctx, c)
	if err != nil {
		return nil, err
	}
	if after {
		return t.show(done.after, project)
	}
	return t.show(done.before, project)
}

func (t *target) findAndChangeDirectly(ctx context.Context, c *change, project bson.D, after bool) (any, error) {
	o := store.FindAnd{Upsert: c.upsert, ReturnNew: after, ArrayFilters: c.arrayFilters}
	if len(c.sort) > 0 {
		o.Sort = c.sort
	}
	if len(project) > 0 {
		o.Projection = project
	}
	if doc, replaces := c.replacement(); replaces {
		return orNull(t.coll.FindOneAndReplace(ctx, c.query, doc, o))
	}
	return orNull(t.coll.FindOneAndUpdate(ctx, c.query, c.update, o))
}

// orNull makes no document a null instead of an empty one.
func orNull(raw bson.Raw, err error) (any, error) {
	if raw == nil {
		return nil, err
	}
	return raw, err
}

func findOneAndDelete(ctx context.Context, t *target, a *arguments) (any, error) {
	filter, err := a.object("filter")
	if err != nil {
		return nil, err
	}
	sort, err := a.object("sort")
	if err != nil {
		return nil, err
	}
	project, err := a.object("projection")
	if err != nil {
		return nil, err
	}
	if err := t.allow(true, filter); err != nil {
		return nil, err
	}
	if err := t.allow(false, sort, project); err != nil {
		return nil, err
	}
	if t.view == nil {
		o := store.FindAnd{}
		if len(sort) > 0 {
			o.Sort = sort
		}
		if len(project) > 0 {
			o.Projection = project
		}
		return orNull(t.coll.FindOneAndDelete(ctx, filter, o))
	}
	gone, err := t.removeChecked(ctx, filter, sort, false)
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	return t.show(gone[0], project)
}
