package server

import "runtime"

// heapReserve is how much larger the heap of a service is, in bytes, before the collector runs. A service holds a few
// megabytes and allocates tens of kilobytes for each request: the collector would run every few dozen requests.
const heapReserve = 32 << 20

// ReserveHeap makes garbage collections rarer until release is called. It allocates memory that is never touched, so
// that the operating system provides none for it. Unlike a higher GOGC it adds the same to a large heap as to a small
// one.
func ReserveHeap() (release func()) {
	reserve := make([]byte, heapReserve)
	return func() { runtime.KeepAlive(reserve) }
}
