package datasource

import (
	"context"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

func findOneAndUpdate(ctx context.Context, t *target, a *arguments) (any, error) {
	return findAndModify(ctx, t, a)
}

func findOneAndReplace(ctx context.Context, t *target, a *arguments) (any, error) {
	if err := a.isReplacement(); err != nil {
		return nil, err
	}
	return findAndModify(ctx, t, a)
}

// isReplacement rejects operators where a whole document is required.
func (a *arguments) isReplacement() error {
	c := change{update: a.get("update")}
	if _, replaces := c.replacement(); c.update != nil && !replaces {
		return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError,
			"the replace operation document must not contain atomic operators")
	}
	return nil
}

func findAndModify(ctx context.Context, t *target, a *arguments) (any, error) {
	c, err := t.readChange(a, "filter")
	if err != nil {
		return nil, err
	}
	project, err := a.object("projection")
	if err != nil {
		return nil, err
	}
	if err := t.checkAllowed(false, project); err != nil {
		return nil, err
	}
	after, err := a.boolean("returnNewDocument")
	if err != nil {
		return nil, err
	}
	if t.view == nil {
		return t.findAndModifyDirect(ctx, c, project, after)
	}
	c.returns = true
	done, err := t.change(ctx, c)
	if err != nil {
		return nil, err
	}
	if after {
		return t.encodeVisible(done.after, project)
	}
	return t.encodeVisible(done.before, project)
}

func (t *target) findAndModifyDirect(ctx context.Context, c *change, project bson.D, after bool) (any, error) {
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

// orNull returns null instead of an empty document.
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
	if err := t.checkAllowed(true, filter); err != nil {
		return nil, err
	}
	if err := t.checkAllowed(false, sort, project); err != nil {
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
	deleted, err := t.deleteChecked(ctx, filter, sort, false)
	if err != nil || len(deleted) == 0 {
		return nil, err
	}
	return t.encodeVisible(deleted[0], project)
}
