package datasource

import (
	"context"
	"net/http"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/query"
	"dossier/backend/store"
)

// maxAttempts is how often a change is tried while other writers are faster. Each failed attempt means that another
// writer succeeded, so only that many concurrent writers can exhaust it.
const maxAttempts = 200

// change is an update or a replacement of the documents that match a query.
type change struct {
	query, sort  bson.D
	update       any // bson.D, or bson.A for a pipeline
	arrayFilters bson.A
	many, upsert bool
	returns      bool // the result needs the documents, not only counts

	filter *query.Filter
	parsed *query.Update
}

// changeResult is the result of a change.
type changeResult struct {
	matched, modified int64
	upserted          any      // the _id; nil: no upsert
	before, after     bson.Raw // the last changed document as stored; nil: none, or the change does not return it
}

func (c changeResult) counts() bson.D {
	d := bson.D{{Key: "matchedCount", Value: int32(c.matched)}, {Key: "modifiedCount", Value: int32(c.modified)}}
	if c.upserted != nil {
		d = append(d, bson.E{Key: "upsertedId", Value: c.upserted})
	}
	return d
}

func updateOne(ctx context.Context, t *target, a *arguments) (any, error) {
	return update(ctx, t, a, false)
}

func updateMany(ctx context.Context, t *target, a *arguments) (any, error) {
	return update(ctx, t, a, true)
}

func replaceOne(ctx context.Context, t *target, a *arguments) (any, error) {
	if err := a.isReplacement(); err != nil {
		return nil, err
	}
	return update(ctx, t, a, false)
}

func update(ctx context.Context, t *target, a *arguments, many bool) (any, error) {
	c, err := t.readChange(a, "query")
	if err != nil {
		return nil, err
	}
	c.many = many
	if t.view == nil {
		return t.updateDirect(ctx, c)
	}
	done, err := t.change(ctx, c)
	return done.counts(), err
}

// readChange reads and checks the arguments that all updates share.
func (t *target) readChange(a *arguments, queryKey string) (*change, error) {
	c := &change{update: a.get("update")}
	var err error
	if c.query, err = a.object(queryKey); err != nil {
		return nil, err
	}
	if c.sort, err = a.object("sort"); err != nil {
		return nil, err
	}
	if c.upsert, err = a.boolean("upsert"); err != nil {
		return nil, err
	}
	if c.arrayFilters, err = a.array("arrayFilters"); err != nil {
		return nil, err
	}
	switch c.update.(type) {
	case nil:
		if a.function != api.OpFindOneAndReplace {
			return nil, a.invalid("update", "an object")
		}
		c.update = bson.D{} // the Web SDK sends findOneAndDelete as findOneAndReplace without an update
	case bson.A, bson.D:
	default:
		return nil, a.invalid("update", "an object")
	}
	if err := t.checkAllowed(true, c.query, c.arrayFilters); err != nil {
		return nil, err
	}
	if err := t.checkUpdateAllowed(c); err != nil {
		return nil, err
	}
	return c, t.checkAllowed(false, c.sort)
}

// replacement returns the update if it is a whole document and not operators.
func (c *change) replacement() (bson.D, bool) {
	d, ok := c.update.(bson.D)
	return d, ok && (len(d) == 0 || !strings.HasPrefix(d[0].Key, "$"))
}

func (c *change) options() store.Change {
	return store.Change{Upsert: c.upsert, ArrayFilters: c.arrayFilters}
}

func (t *target) updateDirect(ctx context.Context, c *change) (any, error) {
	doc, replaces := c.replacement()
	var done store.Changed
	var err error
	switch {
	case replaces && c.many:
		return t.replaceMany(ctx, c, doc)
	case replaces:
		done, err = t.coll.ReplaceOne(ctx, c.query, doc, c.options())
	case c.many:
		done, err = t.coll.UpdateMany(ctx, c.query, c.update, c.options())
	default:
		done, err = t.coll.UpdateOne(ctx, c.query, c.update, c.options())
	}
	out := changeResult{matched: done.Matched, modified: done.Modified}
	if !done.UpsertedID.IsZero() {
		out.upserted = done.UpsertedID
	}
	return out.counts(), err
}

// replaceMany replaces every matching document, one after the other: MongoDB has no command for it.
func (t *target) replaceMany(ctx context.Context, c *change, doc bson.D) (any, error) {
	docs, err := t.readStored(ctx, querySpec{query: c.query, project: bson.D{{Key: "_id", Value: 1}}})
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 && c.upsert {
		one := *c
		one.many = false
		return t.updateDirect(ctx, &one)
	}
	var out changeResult
	for _, d := range docs {
		done, err := t.coll.ReplaceOne(ctx, bson.D{{Key: "_id", Value: d.Lookup("_id")}}, doc, store.Change{})
		if err != nil {
			return nil, err
		}
		out.matched += done.Matched
		out.modified += done.Modified
	}
	return out.counts(), nil
}

// change applies a user's change. It writes nothing unless the caller may change every matching document.
func (t *target) change(ctx context.Context, c *change) (changeResult, error) {
	if err := t.parse(c); err != nil {
		return changeResult{}, err
	}
	for range maxAttempts {
		steps, err := t.plan(ctx, c)
		if err != nil {
			return changeResult{}, err
		}
		var out changeResult
		ok := true
		if len(steps) > 0 {
			out, ok, err = t.writeSteps(ctx, c, steps)
		} else if c.upsert {
			out, ok, err = t.upsert(ctx, c)
		}
		if err != nil || ok {
			return out, err
		}
		if err := ctx.Err(); err != nil {
			return changeResult{}, err
		}
	}
	return changeResult{}, writeConflict()
}

func writeConflict() error {
	return api.Errorf(http.StatusConflict, api.CodeMongoDBError,
		"WriteConflict: the document kept changing while the change was checked; try again")
}

func (t *target) parse(c *change) (err error) {
	if c.filter, err = query.ParseFilter(c.query, t.env); err != nil {
		return err
	}
	c.parsed, err = query.ParseUpdate(c.update, c.arrayFilters, t.env)
	return err
}

// step is the checked change of one document.
type step struct {
	before bson.D
	raw    bson.Raw // before
	update any      // bson.D, or bson.A for a pipeline; nil: the document already has the new values
	guard  bson.D
}

func (t *target) plan(ctx context.Context, c *change) ([]step, error) {
	q := querySpec{query: c.query, sort: c.sort, project: t.projectionFor(c)}
	if !c.many {
		q.limit = 1
	}
	docs, err := t.readStored(ctx, q)
	if err != nil {
		return nil, err
	}
	steps := make([]step, 0, len(docs))
	for _, raw := range docs {
		s, err := t.step(c, raw)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// step computes and checks the change of one document.
func (t *target) step(c *change, raw bson.Raw) (step, error) {
	before, err := query.DecodeOpaque(raw, nil)
	if err != nil {
		return step{}, err
	}
	visible, _, err := t.visiblePart(before)
	if err != nil {
		return step{}, err
	}
	if err := t.checkUpdatePermissions(c, before, visible); err != nil {
		return step{}, err
	}
	_, at := c.filter.MatchAt(visible)
	after, err := c.parsed.Apply(before, at)
	if err != nil {
		return step{}, err
	}
	if err := t.checkChange(before, after); err != nil {
		return step{}, err
	}
	assign, touched := updateBetween(before, after)
	names := t.guardedFields(before, c.filter)
	for name := range touched {
		names[name] = true
	}
	return step{before: before, raw: raw, update: assign, guard: guard(before, names)}, nil
}

func (t *target) checkChange(before, after bson.D) error {
	if err := t.checkIDUnchanged(before, after); err != nil {
		return err
	}
	if err := checkNewKeys(before, after); err != nil {
		return err
	}
	if err := t.view.CheckUpdate(before, after); err != nil {
		return err
	}
	return t.schema.check(after)
}

// checkIDUnchanged rejects changes of _id and of the user id field: custom data stays with its user.
func (t *target) checkIDUnchanged(before, after bson.D) error {
	for _, name := range []string{"_id", t.idField} {
		if name == "" {
			continue
		}
		old, had := query.Get(before, name)
		now, has := query.Get(after, name)
		if had != has || had && !query.Identical(old, now) {
			return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound,
				"update not permitted: the field %q of %s identifies the owner of the document and cannot be changed", name, t.name)
		}
	}
	return nil
}

// writeSteps writes the steps. It returns false if another writer was faster and the change has to be computed again.
// Documents already written stay so, and the next attempt finds them unchanged.
func (t *target) writeSteps(ctx context.Context, c *change, steps []step) (changeResult, bool, error) {
	out := changeResult{}
	for _, s := range steps {
		for round := 0; ; round++ {
			done, err := t.writeStep(ctx, c, s, &out)
			if err != nil {
				return out, false, err
			}
			if done {
				break
			}
			if !c.many {
				return out, false, nil
			}
			if round == maxAttempts {
				return out, false, writeConflict()
			}
			noMatch, err := t.replan(ctx, c, &s)
			if err != nil {
				return out, false, err
			}
			if noMatch {
				break
			}
		}
	}
	return out, true, nil
}

// writeStep writes one step. It returns false if the document has changed since the step was computed.
func (t *target) writeStep(ctx context.Context, c *change, s step, out *changeResult) (bool, error) {
	if s.update == nil {
		out.matched++
		out.before, out.after = s.raw, s.raw
		return true, nil
	}
	var after bson.Raw
	if c.returns {
		var err error
		if after, err = t.coll.FindOneAndUpdate(ctx, s.guard, s.update, store.FindAnd{ReturnNew: true}); err != nil ||
			after == nil {
			return false, err
		}
	} else if done, err := t.coll.UpdateOne(ctx, s.guard, s.update, store.Change{}); err != nil || done.Matched == 0 {
		return false, err
	}
	out.matched++
	out.modified++
	out.before, out.after = s.raw, after
	return true, nil
}

// replan reads the document of a step again and recomputes the step. noMatch: the document no longer matches.
func (t *target) replan(ctx context.Context, c *change, s *step) (noMatch bool, err error) {
	id, _ := query.Get(s.before, "_id")
	docs, err := t.readStored(ctx, querySpec{query: and(bson.D{{Key: "_id", Value: bson.D{{Key: "$eq", Value: id}}}},
		c.query), project: t.projectionFor(c), limit: 1})
	if err != nil || len(docs) == 0 {
		return len(docs) == 0, err
	}
	*s, err = t.step(c, docs[0])
	return false, err
}
