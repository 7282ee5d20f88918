package client

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// Save makes one guarded updateOne. It never overwrites what the guards do not hold: when nothing matched, the document is read back and the outcome says what it is
// like now. When it is unclear whether the call arrived, the document is read back before anything is said.
func (p *User) Save(ctx context.Context, u model.Update) (model.WriteResult, error) {
	return p.save(ctx, u, true)
}

func (p *User) save(ctx context.Context, u model.Update, again bool) (model.WriteResult, error) {
	const op = "save"
	coll, field, err := p.collection(op)
	if err != nil {
		return model.WriteResult{}, err
	}
	done, err := coll.update(ctx, op, u.Filter, u.Update, u.Upsert)
	switch {
	case err == nil && (done.UpsertedID.Type != 0 || done.MatchedCount > 0 && !u.Upsert):
		snapshot := p.CustomData()
		p.wrote(snapshot == nil || !u.SatisfiedBy(snapshot))
		return model.WriteResult{Saved: true}, nil
	case err == nil, u.Upsert && isDuplicate(err):
	case neverSent(err):
		return model.WriteResult{}, err
	case mayHaveArrived(err):
		return p.arrived(ctx, u, err)
	default:
		return model.WriteResult{}, err
	}
	now, err := p.look(ctx, op)
	if err != nil {
		return model.WriteResult{}, err
	}
	if now.Document != nil && u.SatisfiedBy(now.Document) {
		return model.WriteResult{AlreadyDone: true}, nil
	}
	if u.Upsert && again && now.Document != nil {
		// Somebody else made the document first. Where it lacks the wanted fields, nothing of theirs is lost by adding them.
		if next, ok := onto(now, u, field, p.ID()); ok {
			return p.save(ctx, next, false)
		}
	}
	return model.WriteResult{Conflict: true, Theirs: now.Document}, nil
}

// arrived finds out what became of a save whose answer got lost.
func (p *User) arrived(ctx context.Context, u model.Update, cause error) (model.WriteResult, error) {
	f := *model.AsFault("save", cause)
	now, err := p.look(ctx, "read back after a lost answer")
	if err != nil {
		f.Message += "; whether it was saved is not known"
		return model.WriteResult{}, &f
	}
	if now.Document != nil && u.SatisfiedBy(now.Document) {
		return model.WriteResult{Saved: true}, nil
	}
	f.Message += "; read back: it was not saved"
	f.Advice = "save again"
	return model.WriteResult{}, &f
}

// onto writes the edits of an upsert that lost its race as a guarded update of the document that won; false where that document holds one of the fields.
func onto(now model.CheckResult, u model.Update, field, userID string) (model.Update, bool) {
	d := model.NewDraft(now.Document, now.Owner(field, userID))
	for _, e := range u.Edits {
		if _, there := e.Path.Lookup(now.Document); there || e.Unset {
			return model.Update{}, false
		}
		if d.Set(e.Path, e.Value) != nil {
			return model.Update{}, false
		}
	}
	next, err := d.Update()
	return next, err == nil && !d.Empty()
}

// isDuplicate recognises an upsert that lost its race against a unique index.
func isDuplicate(err error) bool {
	f := model.AsFault("", err)
	return f != nil && f.Kind == model.Failed && strings.Contains(strings.ToLower(f.Message), "duplicate key")
}

// wrote notes what a write says about the snapshot: it differs now, unless what was written is what the snapshot holds.
func (p *User) wrote(differs bool) {
	p.mu.Lock()
	now := p.client.o.Now()
	p.checkedAt = now
	if differs && p.staleSince.IsZero() {
		p.staleSince = now
	}
	kept := p.kept()
	p.mu.Unlock()
	p.keep(kept)
}

// DeleteDocument deletes the document that was read, if every field of it still is as it was read.
func (p *User) DeleteDocument(ctx context.Context, r model.CheckResult) (model.WriteResult, error) {
	const op = "delete the document"
	if r.Document == nil {
		return model.WriteResult{AlreadyDone: true}, nil
	}
	coll, _, err := p.collection(op)
	if err != nil {
		return model.WriteResult{}, err
	}
	filter, err := exactly(r.Document)
	if err != nil {
		return model.WriteResult{}, model.AsFault(op, err)
	}
	n, err := coll.remove(ctx, op, filter)
	if err == nil && n > 0 {
		p.wrote(p.CustomData() != nil)
		return model.WriteResult{Saved: true}, nil
	}
	if err != nil && !mayHaveArrived(err) {
		return model.WriteResult{}, err
	}
	now, looked := p.look(ctx, op)
	switch {
	case looked != nil && err != nil:
		f := *model.AsFault(op, err)
		f.Message += "; whether it was deleted is not known"
		return model.WriteResult{}, &f
	case looked != nil:
		return model.WriteResult{}, looked
	case now.Document == nil && err != nil:
		return model.WriteResult{Saved: true}, nil
	case now.Document == nil:
		return model.WriteResult{AlreadyDone: true}, nil
	case err != nil:
		return model.WriteResult{}, err
	}
	return model.WriteResult{Conflict: true, Theirs: now.Document}, nil
}

// exactly matches a document as it was read, field by field. Fields that no filter can name and the deprecated undefined are not compared.
func exactly(doc bson.Raw) (bson.D, error) {
	elements, err := doc.Elements()
	if err != nil {
		return nil, err
	}
	filter := bson.D{}
	for _, e := range elements {
		v := e.Value()
		if _, err := (model.Path{e.Key()}).DotNotation(); err != nil || slices.Contains([]bson.Type{bson.TypeUndefined, bson.TypeDBPointer, bson.TypeSymbol}, v.Type) {
			continue
		}
		guard := bson.D{{Key: "$eq", Value: v}}
		if v.Type == bson.TypeNull {
			guard = bson.D{{Key: "$type", Value: "null"}}
		}
		filter = append(filter, bson.E{Key: e.Key(), Value: guard})
	}
	return filter, nil
}
