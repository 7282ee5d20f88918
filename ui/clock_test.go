package ui_test

import (
	"testing"
	"time"

	"dossier/ui/uitest"
)

// A screen that ticks when a text changes shows the same as one that takes the time every second.
func TestTheClockTicksWhenATextChanges(t *testing.T) {
	for name, play := range map[string]func(*uitest.Backend, *uitest.User, *uitest.Driver){
		"current": func(*uitest.Backend, *uitest.User, *uitest.Driver) {},
		"stale": func(_ *uitest.Backend, user *uitest.User, _ *uitest.Driver) {
			user.ChangeField("favoriteColor", "purple")
		},
		"unreachable": func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			backend.SetFailure(uitest.Unreachable)
			d.Press("r")
		},
		"accounts": func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Press("s") },
		"editor": func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			d.Press("/").Type("_id").Press("enter", "e")
		},
	} {
		t.Run(name, func(t *testing.T) {
			var drivers [2]*uitest.Driver
			for i := range drivers {
				backend, user := uitest.Demo()
				drivers[i] = start(t, backend, wide)
				play(backend, user, drivers[i])
			}
			rested, woken := drivers[0], drivers[1]
			for passed := time.Duration(0); passed < 35*time.Minute; {
				step := time.Second
				if passed > 3*time.Minute && passed < 27*time.Minute {
					step = 7 * time.Second
				}
				passed += step
				rested.Wait(step)
				if woken.Wait(step).Send(struct{}{}); rested.Frame() != woken.Frame() {
					t.Fatalf("after %v: %s", passed, lineDiff(woken.Frame(), rested.Frame()))
				}
			}
		})
	}
}

// A date that is not complete yet has no age.
func TestTheClockOfADateThatIsNotValid(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("/").Type("dateOfBirth").Press("enter", "e").See("= ")
	d.Press("ctrl+u").Wait(time.Minute).Type("1991-").DontSee("= ").Type("07-02").See("= Tue 2 Jul 1991")
	d.Press("backspace", "backspace", "backspace").Wait(time.Minute).DontSee("= ").See("› 1991-0")
}

// An idle screen wakes when a text changes: once a minute or when the gauge moves, each second only while seconds are
// shown, in the first minute and the last two of a token.
func TestAnIdleScreenRests(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	count := func(span time.Duration) int {
		before := d.Wakes
		d.Wait(span)
		return d.Wakes - before
	}
	first, middle, last := count(150*time.Second), count(25*time.Minute), count(150*time.Second)
	if first > 70 || middle > 55 || last > 130 {
		t.Errorf("%d, %d and %d wake-ups in the first 150 s, the next 25 min and the last 150 s of a token", first, middle,
			last)
	}
	due := count(2 * time.Minute)
	if hour := count(time.Hour); hour > 62 {
		t.Errorf("%d wake-ups in an hour with an expired token, after %d in two minutes", hour, due)
	}
	d.Resize(30, 8)
	if hour := count(time.Hour); hour > 62 {
		t.Errorf("%d wake-ups in an hour in a terminal that is too small", hour)
	}
}

// A change event wakes the screen; a burst of them costs one frame.
func TestAChangeEventWakesTheScreen(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Wait(10 * time.Minute)
	before := d.Wakes
	for _, color := range []string{"purple", "teal", "amber"} {
		user.ChangeField("favoriteColor", color)
		d.Wait(100 * time.Millisecond)
	}
	d.Wait(time.Second).See("stale", "1 outdated", "12:10:01 the database changed")
	if wakes := d.Wakes - before; wakes > 3 {
		t.Errorf("%d wake-ups for a burst of 3 events", wakes)
	}
}

// A clock that is set back moves the screen back, at the latest a minute later.
func TestTheClockIsSetBack(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Wait(20 * time.Minute).See("in 10 min")
	backend.Advance(-10 * time.Minute)
	d.Press("down").See("in 20 min")
	d.Wait(time.Minute).See("in 19 min")
}
