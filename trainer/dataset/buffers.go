package dataset

import "sync"

// buffers lends memory for encoded images. A nil *buffers allocates.
type buffers struct{ pool sync.Pool }

func (b *buffers) get(n int) []byte {
	if b != nil {
		if p, ok := b.pool.Get().(*[]byte); ok && cap(*p) >= n {
			return (*p)[:n]
		}
	}
	return make([]byte, n)
}

// put takes memory back; the caller must not use it any more.
func (b *buffers) put(p []byte) {
	if b != nil && cap(p) > 0 {
		b.pool.Put(&p)
	}
}
