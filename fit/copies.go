package fit

// judgeCopies warns of points that are equal in all numbers under different ids, unless they
// are of one cluster, where they count once.
func judgeCopies(notes *remarks, points []Point) {
	type place struct{ c, e, n, d, u float64 }
	clusters, seen := clusterOf(points), map[place]int{} // the cluster that a place was seen in first
	copies := 0
	for i, p := range points {
		at := place{p.C, p.E, p.N, p.D, p.U}
		if first, twice := seen[at]; !twice {
			seen[at] = clusters[i]
		} else if first != clusters[i] {
			copies++
		}
	}
	notes.note(copies > 0, "copies", "%d of %d points repeat another in compute, error and sizes under an id of their own: if they are copies of one run, the intervals are too narrow; drop them, or give them the cluster of the original", copies, len(points))
}
