package metrics

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readProcess reads the resources of this process. Its memory and network use are unknown without C.
func readProcess() process {
	p := unknownProcess()
	p.readUnix("/dev/fd")
	if info, err := unix.SysctlKinfoProc("kern.proc.pid", os.Getpid()); err == nil {
		p.startSeconds = float64(info.Proc.P_starttime.Nano()) / float64(time.Second)
	}
	return p
}
