package workspace

import "golang.org/x/sys/windows"

// connectionRefused is the error of a dial to a socket without a listener.
const connectionRefused = windows.WSAECONNREFUSED
