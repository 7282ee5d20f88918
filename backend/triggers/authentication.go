package triggers

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/auth"
)

// authJob is one run of an authentication trigger.
type authJob struct {
	trigger app.Trigger
	event   auth.Event
}

// eventProviders returns the providers of an event: for a deleted user, those of all identities.
func eventProviders(e auth.Event) []string {
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

func matches(t *app.AuthenticationTrigger, e auth.Event) bool {
	return slices.ContainsFunc(eventProviders(e), func(p string) bool { return t.Matches(e.Name, p) })
}

func (t *Triggers) enqueue(j *authJob) {
	t.mu.Lock()
	defer t.mu.Unlock()
	reason := "the service is closing"
	if !t.closed {
		select {
		case t.queue <- j:
			return
		default:
			reason = "the event queue is full"
		}
	}
	t.o.Log.Error("trigger event dropped: "+reason, "trigger", j.trigger.Name, "event", j.event.Name, "user",
		j.event.User.ID)
}

// runQueue runs queued events until the queue is closed.
func (t *Triggers) runQueue() {
	for j := range t.queue {
		if t.runContext.Err() != nil {
			t.o.Log.Error("trigger event dropped: the service was closed", "trigger", j.trigger.Name, "event", j.event.Name,
				"user", j.event.User.ID)
			continue
		}
		event, err := t.eventArgument(j.event)
		if err != nil {
			t.o.Log.Error("trigger failed", "trigger", j.trigger.Name, "error", err)
			continue
		}
		_ = t.runFunction(j.trigger, event) // already logged
	}
}

// eventArgument is the argument of the function.
func (t *Triggers) eventArgument(e auth.Event) (bson.RawValue, error) {
	user, err := t.o.UserValue(e.User)
	if err != nil {
		return bson.RawValue{}, err
	}
	return marshalValue(bson.D{
		{Key: "operationType", Value: e.Name}, {Key: "providers", Value: eventProviders(e)}, {Key: "user", Value: user},
		{Key: "time", Value: bson.NewDateTimeFromTime(e.At)},
	})
}
