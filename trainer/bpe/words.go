package bpe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks that a text may carry itself; they become single ids, as in open_clip.
const (
	startMark = "<start_of_text>"
	endMark   = "<end_of_text>"
)

// contractions are split off before letters are gathered.
var contractions = []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}

// words splits cleaned text: a mark, a contraction, a run of letters, one digit, or a run of
// anything else but spaces, whichever comes first in this order at each place.
func words(text string) []string {
	var all []string
	for len(text) > 0 {
		n := prefix(text)
		if n == 0 { // a space
			_, n = utf8.DecodeRuneInString(text)
		} else {
			all = append(all, text[:n])
		}
		text = text[n:]
	}
	return all
}

// prefix is the length of the word that text begins with; 0 before a space.
func prefix(text string) int {
	for _, mark := range []string{startMark, endMark} {
		if strings.HasPrefix(text, mark) {
			return len(mark)
		}
	}
	if text[0] == '\'' {
		for _, c := range contractions {
			if n := foldedPrefix(text, c); n > 0 {
				return n
			}
		}
	}
	first, size := utf8.DecodeRuneInString(text)
	switch {
	case unicode.IsLetter(first):
		return run(text, unicode.IsLetter)
	case unicode.IsNumber(first):
		return size
	case isSpace(first):
		return 0
	}
	return run(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !isSpace(r) })
}

// foldedPrefix is how many bytes of text match want without regard to case: the long s is an
// s. 0 when it does not begin so.
func foldedPrefix(text, want string) int {
	at := 0
	for _, w := range want {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r != w && !(w == 's' && r == 'ſ') {
			return 0
		}
		at += size
	}
	return at
}

// run is the length of the longest prefix whose characters all satisfy is.
func run(text string, is func(rune) bool) int {
	for i, r := range text {
		if !is(r) {
			return i
		}
	}
	return len(text)
}

// isSpace holds for what Python's str.split takes for white space.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }
