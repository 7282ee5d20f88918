package functions

import (
	"context"
	"runtime/metrics"
	"time"
)

const (
	maxGrowth   = 512 << 20 // bytes of heap
	memoryCheck = 20 * time.Millisecond
)

// watchMemory ends the context with errMemory when the heap grows by more than most meanwhile.
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

// bounds keeps single built-in operations from asking for more memory than a process should give: such a request is not
// an error in Go but the end of the process.
const bounds = `(function (most) {
  const check = (size, what) => {
    if (size > most) throw new RangeError(what + ": more than " + most + " is not allowed in a function");
  };
  const { construct, apply } = Reflect;
  for (const name of ["ArrayBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
    "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"]) {
    const original = globalThis[name];
    if (!original) continue;
    const bounded = new Proxy(original, {
      construct(target, args, newTarget) {
        check(Number(typeof args[0] === "object" && args[0] ? args[0].length : args[0]), name);
        return construct(target, args, newTarget === bounded ? target : newTarget);
      },
    });
    original.prototype.constructor = bounded;
    globalThis[name] = bounded;
  }
  const text = String.prototype;
  for (const name of ["repeat", "padStart", "padEnd"]) {
    const original = text[name];
    text[name] = function (count, ...rest) {
      check(name === "repeat" ? String(this).length * count : count, name);
      return apply(original, this, [count, ...rest]);
    };
  }
  const list = Array.prototype;
  for (const name of ["fill", "join", "concat", "slice", "splice", "sort", "reverse", "map", "flat", "toString"]) {
    const original = list[name];
    list[name] = function (...args) {
      check(this.length, name);
      return apply(original, this, args);
    };
  }
  const from = Array.from;
  Array.from = function (source, ...rest) {
    check(source && source.length, "Array.from");
    return apply(from, this, [source, ...rest]);
  };
})(16777216);`
