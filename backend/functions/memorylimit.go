package functions

import (
	"context"
	"runtime/metrics"
	"time"
)

const (
	maxHeapGrowth = 512 << 20 // bytes
	memoryCheck   = 20 * time.Millisecond
)

// watchMemory cancels the context with errMemory when the heap grows by more than most bytes.
func watchMemory(ctx context.Context, most uint64) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	before := heap()
	go func() {
		ticker := time.NewTicker(memoryCheck)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if heap() > before+most {
					cancel(errMemory)
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
