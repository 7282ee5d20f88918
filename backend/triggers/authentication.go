package triggers

import (
	"slices"

	"dossier/backend/app"
	"dossier/backend/auth"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// job is one run of an authentication trigger.
type job struct {
	trigger app.Trigger
	event   auth.Event
}

// providers are those an event is about: of somebody who was deleted all of theirs.
func providers(e auth.Event) []string {
	if e.Name != app.EventDelete {
		return []string{e.Provider}
	}
	var all []string
	for _, i := range e.User.Identities {
		if !slices.Contains(all, i.ProviderType) {
			all = append(all, i.ProviderType)
		}
	}
	if len(all) == 0 {
		all = []string{e.Provider}
	}
	return all
}

func concerns(t *app.AuthenticationTrigger, e auth.Event) bool {
	return slices.ContainsFunc(providers(e), func(p string) bool { return t.Matches(e.Name, p) })
}

func (t *Triggers) enqueue(j job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	lost := "the service is being closed"
	if !t.closed {
		select {
		case t.queue <- j:
			return
		default:
			lost = "too many events wait"
		}
	}
	t.o.Log.Error("trigger does not run: "+lost, "trigger", j.trigger.Name, "event", j.event.Name, "user", j.event.User.ID)
}

// work runs what waits until there is nothing more to come.
func (t *Triggers) work() {
	for j := range t.queue {
		if t.running.Err() != nil {
			t.o.Log.Error("trigger does not run: the service was closed before", "trigger", j.trigger.Name, "event", j.event.Name, "user", j.event.User.ID)
			continue
		}
		event, err := t.event(j.event)
		if err != nil {
			t.o.Log.Error("trigger failed", "trigger", j.trigger.Name, "error", err)
			continue
		}
		_ = t.run(j.trigger, event) // it is in the log
	}
}

// event is what the function is called with.
func (t *Triggers) event(e auth.Event) (bson.RawValue, error) {
	user, err := t.o.UserValue(e.User)
	if err != nil {
		return bson.RawValue{}, err
	}
	return value(bson.D{
		{Key: "operationType", Value: e.Name}, {Key: "providers", Value: providers(e)}, {Key: "user", Value: user},
		{Key: "time", Value: bson.NewDateTimeFromTime(e.At)},
	})
}
