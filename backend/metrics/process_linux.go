package metrics

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// Fields of /proc/self/stat behind the name of the program, see proc_pid_stat(5): field 3 is number 0.
const (
	statStart    = 22 - 3 // in ticks since the start of the system
	statVirtual  = 23 - 3 // in bytes
	statResident = 24 - 3 // in pages
)

// ticksPerSecond is the unit of times in /proc, the same on all architectures of Go.
const ticksPerSecond = 100

// readProcess reads the resources of this process from /proc.
func readProcess() process {
	p := unknownProcess()
	p.readUnix("/proc/self/fd")
	if text, err := os.ReadFile("/proc/self/stat"); err == nil {
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) > statResident {
			p.virtualBytes = parseNumber(fields[statVirtual])
			p.residentBytes = parseNumber(fields[statResident]) * float64(os.Getpagesize())
			if boot := bootSeconds(); boot >= 0 {
				p.startSeconds = boot + parseNumber(fields[statStart])/ticksPerSecond
			}
		}
	}
	p.networkReceived, p.networkSentBytes = networkBytes()
	return p
}

// bootSeconds returns the start of the system in seconds since 1970; below zero: unknown.
func bootSeconds() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(text)) {
		if seconds, is := strings.CutPrefix(line, "btime "); is {
			return parseNumber(strings.TrimSpace(seconds))
		}
	}
	return -1
}

// networkBytes returns the bytes received and sent in the network namespace of this process; below zero: unknown.
func networkBytes() (received, sent float64) {
	received, sent = -1, -1
	text, err := os.ReadFile("/proc/self/net/netstat")
	if err != nil {
		return received, sent
	}
	var names []string // a line of names precedes each line of values
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "IpExt:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i := range min(len(names), len(fields)) {
			switch names[i] {
			case "InOctets":
				received = parseNumber(fields[i])
			case "OutOctets":
				sent = parseNumber(fields[i])
			}
		}
	}
	return received, sent
}

// parseNumber returns the value of a decimal number; below zero: it is none.
func parseNumber(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return -1
	}
	return n
}
