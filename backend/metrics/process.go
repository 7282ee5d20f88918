package metrics

import "bytes"

// process is the resources of this process. A value below zero is unknown.
type process struct {
	cpuSeconds, startSeconds          float64 // startSeconds is the time since 1970
	openFiles, maxFiles               float64
	residentBytes                     float64
	virtualBytes, maxVirtualBytes     float64
	networkReceived, networkSentBytes float64
}

// unknownProcess returns a process of which nothing is known.
func unknownProcess() process {
	return process{-1, -1, -1, -1, -1, -1, -1, -1, -1}
}

// writeProcess writes the metrics of this process that the operating system offers, with the names that Prometheus' own
// client gives them.
func writeProcess(out *bytes.Buffer) {
	p := readProcess()
	for _, s := range []sample{
		{"process_cpu_seconds_total", "CPU time of the process in user and system mode.", counter, p.cpuSeconds},
		{"process_max_fds", "Maximum number of open file descriptors.", gauge, p.maxFiles},
		{"process_network_receive_bytes_total", "Bytes received over the network.", counter, p.networkReceived},
		{"process_network_transmit_bytes_total", "Bytes sent over the network.", counter, p.networkSentBytes},
		{"process_open_fds", "Open file descriptors.", gauge, p.openFiles},
		{"process_resident_memory_bytes", "Resident memory of the process.", gauge, p.residentBytes},
		{"process_start_time_seconds", "Start of the process in seconds since 1970.", gauge, p.startSeconds},
		{"process_virtual_memory_bytes", "Virtual memory of the process.", gauge, p.virtualBytes},
		{"process_virtual_memory_max_bytes", "Maximum virtual memory of the process.", gauge, p.maxVirtualBytes},
	} {
		if s.value >= 0 {
			writeSamples(out, []sample{s})
		}
	}
}
