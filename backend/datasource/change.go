package datasource

import (
	"context"
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/query"
	"dossier/backend/store"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxAttempts is how often a change starts again because somebody else was faster. Each lost round is one that somebody
// else won, so only that many others at once can exhaust it.
const maxAttempts = 200

// change is an update or a replacement of what a query finds.
type change struct {
	query, sort  bson.D
	update       any // bson.D, or bson.A for a pipeline
	arrayFilters bson.A
	many, upsert bool

	filter *query.Filter
	parsed *query.Update
}

// changeResult is what came of a change.
type changeResult struct {
	matched, modified int64
	upserted          any      // the _id; nil: nothing was put in
	before, after     bson.Raw // of the last document changed, as it is stored; nil where there is none
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
	if t.direct() {
		return t.updateDirect(ctx, c)
	}
	done, err := t.change(ctx, c)
	return done.counts(), err
}

// readChange reads and checks the arguments that updates have in common.
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
		c.update = bson.D{} // the Web SDK's findOneAndDelete arrives like this
	case bson.A:
		if !t.direct() {
			return nil, notAvailableToUsers("an update by a pipeline")
		}
	case bson.D:
	default:
		return nil, a.invalid("update", "an object")
	}
	if err := t.checkAllowed(true, c.query, c.arrayFilters); err != nil {
		return nil, err
	}
	return c, t.checkAllowed(false, c.update, c.sort)
}

// direct tells that the database may do the change by itself: no rules, and no user id to keep.
func (t *target) direct() bool { return t.view == nil && t.idField == "" }

// replacement gives the update when it is a whole document instead of operators.
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

// replaceMany replaces every document that matches, one after the other: the database has no such command.
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

// change does a change that has to be checked. Nothing is written unless every document may be changed as asked.
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
	return api.Errorf(http.StatusConflict, api.CodeMongoDBError, "WriteConflict: the document kept changing while the change was checked; try again")
}

func (t *target) parse(c *change) (err error) {
	if c.filter, err = query.ParseFilter(c.query, t.env); err != nil {
		return err
	}
	c.parsed, err = query.ParseUpdate(c.update, c.arrayFilters, t.env)
	return err
}

// step is one document's change, checked.
type step struct {
	before bson.D
	raw    bson.Raw // before
	update bson.D   // empty: the document is already as asked
	guard  bson.D
}

func (t *target) plan(ctx context.Context, c *change) ([]step, error) {
	q := querySpec{query: c.query, sort: c.sort}
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

// step works out and checks the change of one document.
func (t *target) step(c *change, raw bson.Raw) (step, error) {
	before, err := query.Decode(raw)
	if err != nil {
		return step{}, err
	}
	seen := before
	if t.view != nil {
		if seen, _, err = t.visiblePart(before); err != nil {
			return step{}, err
		}
		if err := t.checkUpdatePermissions(c, before, seen); err != nil {
			return step{}, err
		}
	}
	_, at := c.filter.MatchAt(seen)
	after, err := c.parsed.Apply(before, at)
	if err != nil {
		return step{}, err
	}
	if err := t.checkChange(before, after); err != nil {
		return step{}, err
	}
	assign, touched, err := updateBetween(before, after)
	if err != nil {
		return step{}, err
	}
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
	if t.view == nil {
		return nil
	}
	if err := checkKeys(after, ""); err != nil {
		return err
	}
	if err := t.view.CheckUpdate(before, after); err != nil {
		return err
	}
	return t.schema.check(after)
}

// checkIDUnchanged makes sure that custom data stays the person's it is.
func (t *target) checkIDUnchanged(before, after bson.D) error {
	for _, name := range []string{"_id", t.idField} {
		if name == "" {
			continue
		}
		old, had := query.Get(before, name)
		now, has := query.Get(after, name)
		if had != has || had && !identical(old, now) {
			return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound,
				"update not permitted: the field %q of %s says whose document it is; nobody changes it", name, t.name)
		}
	}
	return nil
}

// writeSteps writes the steps; false: somebody else was faster with one, and the change has to be worked out again. What
// is written by then stays, and is found done the next time.
func (t *target) writeSteps(ctx context.Context, c *change, steps []step) (changeResult, bool, error) {
	out := changeResult{}
	for _, s := range steps {
		for round := 0; ; round++ {
			done, err := t.writeStep(ctx, s, &out)
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
			gone, err := t.replan(ctx, c, &s)
			if err != nil {
				return out, false, err
			}
			if gone {
				break
			}
		}
	}
	return out, true, nil
}

// writeStep writes one step; false: the document is no longer as it was when the step was worked out.
func (t *target) writeStep(ctx context.Context, s step, out *changeResult) (bool, error) {
	if len(s.update) == 0 {
		out.matched++
		out.before, out.after = s.raw, s.raw
		return true, nil
	}
	after, err := t.coll.FindOneAndUpdate(ctx, s.guard, s.update, store.FindAnd{ReturnNew: true})
	if err != nil || after == nil {
		return false, err
	}
	out.matched++
	out.modified++
	out.before, out.after = s.raw, after
	return true, nil
}

// replan reads a step's document once more and works it out anew; gone: it no longer matches.
func (t *target) replan(ctx context.Context, c *change, s *step) (gone bool, err error) {
	id, _ := query.Get(s.before, "_id")
	docs, err := t.readStored(ctx, querySpec{query: and(bson.D{{Key: "_id", Value: bson.D{{Key: "$eq", Value: id}}}}, c.query), limit: 1})
	if err != nil || len(docs) == 0 {
		return len(docs) == 0, err
	}
	*s, err = t.step(c, docs[0])
	return false, err
}
