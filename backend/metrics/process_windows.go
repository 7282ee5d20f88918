package metrics

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// maxHandles is the number of handles that Windows allows a process.
const maxHandles = 1 << 24

// memoryCounters is PROCESS_MEMORY_COUNTERS_EX of Windows.
type memoryCounters struct {
	size, pageFaults                                         uint32
	peakWorkingSet, workingSet                               uintptr
	peakPagedPool, pagedPool, peakNonPagedPool, nonPagedPool uintptr
	pagefile, peakPagefile, private                          uintptr
}

// readProcess reads the resources of this process. Its network use is unknown.
func readProcess() process {
	p := unknownProcess()
	self := windows.CurrentProcess()
	var start, exit, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(self, &start, &exit, &kernel, &user); err == nil {
		p.startSeconds = float64(start.Nanoseconds()) / float64(time.Second)
		p.cpuSeconds = float64(ticks(kernel)+ticks(user)) / 1e7
	}
	library := windows.NewLazySystemDLL("kernel32.dll")
	var handles uint32
	if ok, _, _ := library.NewProc("GetProcessHandleCount").Call(uintptr(self),
		uintptr(unsafe.Pointer(&handles))); ok != 0 {
		p.openFiles, p.maxFiles = float64(handles), maxHandles
	}
	memory := memoryCounters{size: uint32(unsafe.Sizeof(memoryCounters{}))}
	if ok, _, _ := library.NewProc("K32GetProcessMemoryInfo").Call(uintptr(self), uintptr(unsafe.Pointer(&memory)),
		uintptr(memory.size)); ok != 0 {
		p.residentBytes, p.virtualBytes = float64(memory.workingSet), float64(memory.private)
	}
	return p
}

// ticks returns a duration in units of 100 ns.
func ticks(t windows.Filetime) uint64 { return uint64(t.HighDateTime)<<32 | uint64(t.LowDateTime) }
