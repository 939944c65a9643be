package bpe

import (
	"html"
	"regexp"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// clean prepares a text as open_clip does: the repairs of ftfy.fix_text but for two (see fix),
// HTML character references resolved twice, white space reduced to single spaces, lower case.
func clean(text string) string {
	text = fixText(text)
	text = html.UnescapeString(html.UnescapeString(text))
	text = strings.Join(strings.FieldsFunc(text, isSpace), " ")
	return cases.Lower(language.Und).String(text)
}

// fixText repairs each line by itself. From the first line with a "<" on, the text is taken
// for HTML and its character references are left as they are.
func fixText(text string) string {
	text = strings.ToValidUTF8(text, "�")
	if plain(text) {
		return text
	}
	var fixed strings.Builder
	unescape := true
	for line := range strings.SplitAfterSeq(text, "\n") {
		unescape = unescape && !strings.Contains(line, "<")
		fixed.WriteString(fix(line, unescape))
	}
	return fixed.String()
}

// plain holds for texts that no repair changes: printable ASCII without "&".
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' && c != '\n' && c != '\t') || c > '~' || c == '&' {
			return false
		}
	}
	return true
}

var (
	reference = regexp.MustCompile(`&#?[0-9A-Za-z]{1,24};`)
	escapes   = regexp.MustCompile("\033\\[[\\d;]*[a-zA-Z]")
	breaks    = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n")
	ligatures = strings.NewReplacer("Ĳ", "IJ", "ĳ", "ij", "ŉ", "ʼn", "Ǳ", "DZ", "ǲ", "Dz", "ǳ", "dz", "Ǆ", "DŽ", "ǅ", "Dž", "ǆ", "dž",
		"Ǉ", "LJ", "ǈ", "Lj", "ǉ", "lj", "Ǌ", "NJ", "ǋ", "Nj", "ǌ", "nj", "ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "ſt", "ﬆ", "st")
)

// fix applies ftfy's repairs (ftfy 6.3, in its order) until nothing changes. Left out: mojibake,
// that is guessing which wrong encoding a text was once read in, and pairs of surrogates, which
// no UTF-8 text holds.
func fix(line string, unescape bool) string {
	for {
		was := line
		if unescape {
			line = reference.ReplaceAllStringFunc(line, resolve)
		}
		line = strings.Map(asWindows1252, line)
		line = ligatures.Replace(line)
		line = width(line)
		line = strings.Map(uncurl, line)
		line = breaks.Replace(line)
		line = escapes.ReplaceAllString(line, "")
		line = norm.NFC.String(strings.Map(withoutControl, line))
		if line == was {
			return line
		}
	}
}

// resolve gives the character of a reference such as &eacute; or &#233; that ends in its
// semicolon, also of names written in capitals where no such name exists.
func resolve(ref string) string {
	if is := html.UnescapeString(ref); is != ref && (!strings.HasSuffix(is, ";") || ref == "&semi;") {
		return is
	}
	if lower := strings.ToLower(ref); ref == strings.ToUpper(ref) && !strings.HasPrefix(ref, "&#") && html.UnescapeString(ref) == ref {
		if is := html.UnescapeString(lower); is != lower && !strings.HasSuffix(is, ";") {
			return cases.Upper(language.Und).String(is)
		}
	}
	return ref
}

// asWindows1252 reads C1 controls as what Windows-1252 has there.
func asWindows1252(r rune) rune {
	if r < 0x80 || r > 0x9f {
		return r
	}
	if is := charmap.Windows1252.DecodeByte(byte(r)); is != '�' {
		return is
	}
	return r
}

// width turns half- and full-width forms into the usual ones.
func width(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == 0x3000:
			b.WriteByte(' ')
		case r >= 0xff01 && r <= 0xffef:
			b.WriteString(norm.NFKC.String(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func uncurl(r rune) rune {
	switch {
	case r == 0x2bc, r >= 0x2018 && r <= 0x201b:
		return '\''
	case r >= 0x201c && r <= 0x201f:
		return '"'
	}
	return r
}

// withoutControl drops control characters that are no white space, and their like.
func withoutControl(r rune) rune {
	switch {
	case r < 0x09, r == 0x0b, r >= 0x0e && r < 0x20, r == 0x7f, r >= 0x206a && r < 0x2070, r == 0xfeff, r >= 0xfff9 && r < 0xfffd:
		return -1
	}
	return r
}
