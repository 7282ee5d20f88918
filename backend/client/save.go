package client

import (
	"context"
	"errors"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// Save makes one guarded updateOne. It overwrites nothing that the guards do not match: when no document matched, it
// reads the document and returns a conflict or AlreadyDone. It also reads the document when it is uncertain whether the
// request was executed.
func (u *User) Save(ctx context.Context, update model.Update) (model.WriteResult, error) {
	return u.save(ctx, update, true)
}

// save retries a lost upsert once, if retry is set.
func (u *User) save(ctx context.Context, update model.Update, retry bool) (model.WriteResult, error) {
	const op = "save"
	coll, field, err := u.collection(op)
	if err != nil {
		return model.WriteResult{}, err
	}
	exact, err := u.client.speaksBSON(ctx, op)
	if err != nil {
		return model.WriteResult{}, err
	}
	if !exact {
		if err := update.CheckEncodable(); err != nil {
			return model.WriteResult{}, err
		}
	}
	done, err := coll.update(ctx, op, update.Filter, update.Update, update.Upsert)
	switch {
	case err == nil && (done.UpsertedID.Type != 0 || done.MatchedCount > 0 && !update.Upsert):
		return u.saved(update), nil
	case err == nil, update.Upsert && isDuplicateKey(err):
	case neverSent(err):
		return model.WriteResult{}, err
	case mayHaveArrived(err):
		return u.verifySaved(ctx, update, err)
	default:
		return model.WriteResult{}, err
	}
	now, err := u.check(ctx, op)
	if err != nil {
		return model.WriteResult{}, err
	}
	if now.Document != nil && update.SatisfiedBy(now.Document) {
		return model.WriteResult{AlreadyDone: true}, nil
	}
	if !now.Exact && update.UnchangedIn(now.Document) {
		return model.WriteResult{}, unrepresentableFault(update)
	}
	if update.Upsert && retry && now.Document != nil {
		// Another client created the document first. Adding fields that it lacks overwrites nothing.
		if next, ok := rebaseUpsert(now, update, field, u.ID()); ok {
			return u.save(ctx, next, false)
		}
	}
	return model.WriteResult{Conflict: true, Theirs: now.Document}, nil
}

// unrepresentableFault reports that the guards match what the service returns, but not what it stores.
func unrepresentableFault(update model.Update) error {
	names := make([]string, len(update.Edits))
	for i, e := range update.Edits {
		names[i] = e.Path.String()
	}
	return &model.Fault{Kind: model.Failed, Op: "save", Message: "nothing was written: the service returns " +
		strings.Join(names, ", ") + " unchanged, but does not find this value; it may hold a value that the service's " +
		"extended " +
		"JSON cannot represent", Advice: "if another client changed it at this moment, save again"}
}

// saved records a save and returns its result.
func (u *User) saved(update model.Update) model.WriteResult {
	snapshot := u.CustomData()
	u.recordWrite(snapshot == nil || !update.SatisfiedBy(snapshot))
	return model.WriteResult{Saved: true}
}

// verifySaved reads the changed fields to find out whether a save without a response was executed. A save that used up
// the time of ctx still has the timeout of one call for that. Fields without the change prove nothing while the service
// may still execute the save.
func (u *User) verifySaved(ctx context.Context, update model.Update, cause error) (model.WriteResult, error) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		ctx = context.WithoutCancel(ctx)
	}
	now, err := u.readFields(ctx, update)
	if err == nil && now != nil && update.SatisfiedBy(now) {
		return u.saved(update), nil
	}
	f := *model.AsFault("save", cause)
	switch {
	case err != nil:
		f.Message += "; it is unknown whether the change was saved"
		f.Advice = saveAgain
	case mayStillRun(cause):
		f.Message += "; it is unknown whether the change was saved: the document did not have it yet when it was read"
		f.Advice = saveAgain
	default:
		f.Message += "; the document shows that the change was not saved"
		f.Advice = "save again"
	}
	return model.WriteResult{}, &f
}

// saveAgain is the advice after a save with an unknown result. The guards of the update make it safe.
const saveAgain = "refresh later to see it, or save again: a change is never applied twice"

// readFields reads the fields that an update changes; nil: there is no document.
func (u *User) readFields(ctx context.Context, update model.Update) (bson.Raw, error) {
	const op = "read back after a lost response"
	coll, field, err := u.collection(op)
	if err != nil {
		return nil, err
	}
	names := bson.D{}
	listed := map[string]bool{}
	for _, e := range update.Edits {
		name, err := e.Path[:1].DotNotation()
		if err != nil { // no projection can name the field
			names = nil
			break
		}
		if !listed[name] {
			names, listed[name] = append(names, bson.E{Key: name, Value: 1}), true
		}
	}
	o := FindOptions{Sort: userOrder(field), Limit: 1}
	if names != nil {
		o.Projection = names
	}
	docs, _, err := coll.find(ctx, op, userFilter(field, u.ID()), o)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

// rebaseUpsert turns an upsert into a guarded update of a document that another client created first; false when that
// document has one of the fields.
func rebaseUpsert(now model.CheckResult, update model.Update, field, userID string) (model.Update, bool) {
	d := model.NewDraft(now.Document, now.Owner(field, userID))
	for _, e := range update.Edits {
		if _, exists := e.Path.Lookup(now.Document); exists || e.Unset {
			return model.Update{}, false
		}
		if d.Set(e.Path, e.Value) != nil {
			return model.Update{}, false
		}
	}
	next, err := d.Update()
	return next, err == nil && !d.Empty()
}

// isDuplicateKey reports whether an upsert failed on a unique index because the document exists by now.
func isDuplicateKey(err error) bool {
	f := model.AsFault("", err)
	return f != nil && f.Kind == model.Failed && strings.Contains(strings.ToLower(f.Message), "duplicate key")
}

// recordWrite records a write by this user. differs: the written values differ from the snapshot.
func (u *User) recordWrite(differs bool) {
	u.mu.Lock()
	now := u.client.options.Now()
	c := &u.tokens.Comparison
	if differs && !u.token.TooLarge {
		c.Record(true, now, now)
	}
	tokens := u.tokens
	u.mu.Unlock()
	u.storeTokens(tokens)
}

// DeleteDocument deletes the document that a check read, if no field changed since.
func (u *User) DeleteDocument(ctx context.Context, r model.CheckResult) (model.WriteResult, error) {
	const op = "delete the document"
	if r.Document == nil {
		return model.WriteResult{AlreadyDone: true}, nil
	}
	coll, _, err := u.collection(op)
	if err != nil {
		return model.WriteResult{}, err
	}
	// The filter has no guard against fields that were added: they are found by reading again, just before.
	switch now, err := u.check(ctx, op); {
	case err != nil:
		return model.WriteResult{}, err
	case now.Document == nil:
		return model.WriteResult{AlreadyDone: true}, nil
	case len(model.Diff(r.Document, now.Document)) > 0:
		return model.WriteResult{Conflict: true, Theirs: now.Document}, nil
	}
	n, err := coll.deleteOne(ctx, op, r.UnchangedFilter())
	if err == nil && n > 0 {
		u.recordWrite(u.CustomData() != nil)
		return model.WriteResult{Saved: true}, nil
	}
	if err != nil && !mayHaveArrived(err) {
		return model.WriteResult{}, err
	}
	now, checkErr := u.check(ctx, op)
	switch {
	case checkErr != nil && err != nil:
		return model.WriteResult{}, deletionUnknown(err)
	case checkErr != nil:
		return model.WriteResult{}, checkErr
	case now.Document == nil && err != nil:
		return model.WriteResult{Saved: true}, nil
	case now.Document == nil:
		return model.WriteResult{AlreadyDone: true}, nil
	case mayStillRun(err):
		return model.WriteResult{}, deletionUnknown(err)
	case err != nil:
		return model.WriteResult{}, err
	}
	return model.WriteResult{Conflict: true, Theirs: now.Document}, nil
}

// deletionUnknown is the fault of a deletion that the service may have executed, or may still execute.
func deletionUnknown(cause error) error {
	f := *model.AsFault("delete the document", cause)
	f.Message += "; it is unknown whether the document was deleted"
	f.Advice = "refresh later to see it, or delete again"
	return &f
}
