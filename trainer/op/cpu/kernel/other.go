//go:build !amd64

package kernel

func available() []*Set { return []*Set{portable()} }

// Pause waits for about n times 10 ns.
func Pause(n int) {
	for range 10 * n {
		peakSink(0)
	}
}
