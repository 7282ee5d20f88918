//go:build linux

package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestMeasureScreen measures a shell script that draws three bytes 20 ms after a key, and sleeps without input.
func TestMeasureScreen(t *testing.T) {
	const script = `stty raw -echo; printf 'the data'; while k=$(dd bs=1 count=1 2>/dev/null); do
		[ "$k" = q ] && exit; sleep 0.02; printf key; done`
	m := &meter{options: options{idle: 100 * time.Millisecond}, ctx: t.Context(), path: os.Getenv("PATH"), now: time.Now,
		random: rand.New(rand.NewPCG(1, 2))}
	s := subject{name: "script", data: "the data", find: "/", found: "key", openAll: "+",
		start: func() *exec.Cmd { return m.command(t.TempDir(), "sh", "-c", script) }}
	var g grid
	if err := m.measureScreen(&g, s, 3); err != nil {
		t.Fatal(err)
	}
	value := func(row string) float64 { return g.cells[[2]string{row, "script"}].median() }
	if value("bytes a key") != 3 || value("key → frame, ms") < 20 || value("start → data on the screen, ms") <= 0 ||
		value("find → first hit, ms") < 20 || value("open all fields, ms") < 20 || value("idle: wake-ups a second") > 20 ||
		value("memory at rest, MB") <= 0 {
		t.Errorf("%v", g.cells)
	}
}

// TestActivity counts the wake-ups of a process that sleeps a hundred times.
func TestActivity(t *testing.T) {
	before := activityOf(os.Getpid())
	for range 100 {
		time.Sleep(time.Millisecond)
	}
	if after := activityOf(os.Getpid()); after.wakeUps-before.wakeUps < 50 {
		t.Errorf("%+v, then %+v", before, after)
	}
}
