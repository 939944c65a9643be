// Package bpe is open_clip's default tokenizer: byte-pair encoding over lower-cased text
// (Sennrich et al. 2016; Radford et al. 2021, section 2.4) with CLIP's 48,894 merges. The same
// text gives the same ids as open_clip's SimpleTokenizer; docs/openclip.md names the two
// cleaning steps that are left out.
package bpe

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

// VocabSize is the number of ids: 256 bytes, the same at a word's end, the merges, and the
// marks of a text's start and end.
const VocabSize = 49408

// Start and End mark where a text begins and ends. End is the largest id: pooling by the
// largest id finds it.
const (
	Start int32 = VocabSize - 2
	End   int32 = VocabSize - 1
)

const merges = VocabSize - 512 - 2

//go:embed bpe_simple_vocab_16e6.txt.gz
var packed []byte

// pair is two neighbouring pieces of a word.
type pair struct{ left, right int32 }

// Tokenizer turns texts into ids. It is safe for use by several goroutines.
type Tokenizer struct {
	bytes [256]int32     // id of a byte inside a word; at a word's end it is 256 more
	ids   map[pair]int32 // what a pair is merged into; the smaller, the earlier
}

// New reads the embedded merges.
func New() (*Tokenizer, error) { return shared() }

var shared = sync.OnceValues(func() (*Tokenizer, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("read the merges: %w", err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("read the merges: %w", err)
	}
	return parse(string(text))
})

// parse reads the merges: a header line, then two pieces a line, the most frequent pair first.
func parse(text string) (*Tokenizer, error) {
	t := &Tokenizer{ids: make(map[pair]int32, merges)}
	id := make(map[string]int32, VocabSize)
	for i, b := range byteOrder() {
		t.bytes[b] = int32(i)
		id[string(symbol(b))] = int32(i)
		id[string(symbol(b))+"</w>"] = int32(256 + i)
	}
	lines := strings.Split(text, "\n")
	if len(lines) < merges+1 {
		return nil, fmt.Errorf("read the merges: %d lines, %d are needed", len(lines), merges+1)
	}
	for i, line := range lines[1 : merges+1] {
		left, right, _ := strings.Cut(line, " ")
		l, okLeft := id[left]
		r, okRight := id[right]
		if !okLeft || !okRight {
			return nil, fmt.Errorf("read the merges: line %d: %q joins unknown pieces", i+2, line)
		}
		t.ids[pair{l, r}] = int32(512 + i)
		id[left+right] = int32(512 + i)
	}
	return t, nil
}

// printable tells the bytes that stand for themselves in the merges file.
func printable(b int) bool {
	return b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae
}

// byteOrder lists the bytes by id: the printable ones first.
func byteOrder() []byte {
	var order, rest []byte
	for b := range 256 {
		if printable(b) {
			order = append(order, byte(b))
		} else {
			rest = append(rest, byte(b))
		}
	}
	return append(order, rest...)
}

// symbol is how the merges file writes a byte: itself, or the n-th character from U+0100 for
// the n-th byte that cannot be printed.
func symbol(b byte) rune {
	if printable(int(b)) {
		return rune(b)
	}
	n := rune(0)
	for c := range int(b) {
		if !printable(c) {
			n++
		}
	}
	return 0x100 + n
}

// Encode gives the ids of a text, without the marks of start and end.
func (t *Tokenizer) Encode(text string) []int32 {
	var ids []int32
	for _, word := range words(clean(text)) {
		switch word {
		case startMark:
			ids = append(ids, Start)
		case endMark:
			ids = append(ids, End)
		default:
			ids = append(ids, t.merge(word)...)
		}
	}
	return ids
}

// Tokens writes a text as a row of len(dst) ids: start, the text cut to fit, end, zeros.
func (t *Tokenizer) Tokens(dst []int32, text string) {
	clear(dst)
	if len(dst) == 0 {
		return
	}
	ids := append(append([]int32{Start}, t.Encode(text)...), End)
	if n := copy(dst, ids); n < len(ids) {
		dst[n-1] = End
	}
}

// merge joins the pieces of one word, always the pair that comes first in the merges.
func (t *Tokenizer) merge(word string) []int32 {
	pieces := make([]int32, len(word))
	for i := range len(word) {
		pieces[i] = t.bytes[word[i]]
	}
	pieces[len(word)-1] += 256
	for len(pieces) > 1 {
		best, into := pair{}, int32(VocabSize)
		for i := range len(pieces) - 1 {
			p := pair{pieces[i], pieces[i+1]}
			if id, ok := t.ids[p]; ok && id < into {
				best, into = p, id
			}
		}
		if into == VocabSize {
			break
		}
		pieces = join(pieces, best, into)
	}
	return pieces
}

// join replaces each occurrence of a pair, from left to right, in place.
func join(pieces []int32, p pair, into int32) []int32 {
	kept := pieces[:0]
	for i := 0; i < len(pieces); i++ {
		if pieces[i] == p.left && i+1 < len(pieces) && pieces[i+1] == p.right {
			kept = append(kept, into)
			i++
		} else {
			kept = append(kept, pieces[i])
		}
	}
	return kept
}
