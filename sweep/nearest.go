package sweep

import "fmt"

// didYouMean names the one of names that is nearest to what was written, when it is near.
func didYouMean(written string, names []string) string {
	if best := Nearest(written, names); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

// Nearest gives the name with the smallest edit distance to what was written; empty when
// none is within a third of its length (and at least 2).
func Nearest(written string, names []string) string {
	best, distance := "", max(2, len(written)/3)+1
	for _, name := range names {
		if d := editDistance(fold(written), fold(name)); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// fold ignores case and what stands between words.
func fold(s string) string {
	var out []rune
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			out = append(out, r+'a'-'A')
		case r == '-' || r == '_' || r == ' ':
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// editDistance is Levenshtein's: insertions, deletions and substitutions.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, d := range y {
			cost := diagonal
			if c != d {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
