package ui_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestKeptPartsOfFramesAreNotOutdated does what FuzzScreen does, with pasted text, waits of any length and a long
// value.
func TestKeptPartsOfFramesAreNotOutdated(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			s := newScript(t, 30+random.IntN(170), 10+random.IntN(50))
			if seed%4 == 0 {
				s.user.ChangeField("long", strings.Repeat("漢字 and a long line\n", 400))
				s.driver.Press("r")
			}
			for i := range 100 {
				if s.randomStep(random, i); s.driver.Quit {
					return
				}
				fits(t, s.driver, s.size)
				s.drawnAnew(t)
			}
			s.driver.Release()
		})
	}
}

// randomStep pastes, waits, or does step number i.
func (s *script) randomStep(random *rand.Rand, i int) {
	switch random.IntN(12) {
	case 0:
		texts := []string{"4", "pink", "2026-", "é漢", "{\"a\": [1,\n2]}", "address.city", "\x1b[31m\t"}
		s.driver.Paste(texts[random.IntN(len(texts))])
	case 1:
		waits := []time.Duration{time.Millisecond, time.Second, 20 * time.Second, time.Minute, 10 * time.Minute}
		s.driver.Wait(waits[random.IntN(len(waits))])
	case 2, 3:
		s.step(i, byte(random.IntN(256)))
	default:
		s.step(i, byte(random.IntN(len(pressed))))
	}
}
