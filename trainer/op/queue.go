package op

// Queue is what a device offers beyond Device that runs its operations behind the calls, such as
// a GPU: work that is taken down once and done again at little cost, and copies that go on while
// it computes. It is optional.
type Queue interface {
	Device

	// Record takes down what work calls, without doing it, and gives a function that does it
	// each time it is called, in order with other operations. work calls operations of Device
	// and Group only (no Write, Read or new memory), always the same ones, and has been done
	// once by plain calls before: what devices make on first use is there.
	Record(work func()) (replay func())

	// Stage copies src aside while operations run, to go to the beginning of dst at the next
	// Land. src may be changed as soon as it returns.
	Stage(dst Floats, src []float32)
	// StageInts is Stage of integers.
	StageInts(dst Ints, src []int32)
	// Land puts all that was staged in its place, in order with the operations.
	Land()

	// Fetch begins to read src, in order with the operations, and does not wait. wait does,
	// once: for what was called before Fetch, not after. It copies the beginning of src to dst,
	// and returns the first failure, as Read does.
	Fetch(src Floats) (wait func(dst []float32) error)
}

// Group is a device's place among the devices of one machine that train one model together,
// each on its part of a batch. All members call the same operations of it in the same order,
// each with handles of its own device. They take effect in order with the device's operations,
// but Sum goes on while later ones run. What a failed member never gives is an error of the
// others' next Read.
type Group interface {
	// Rank is the member's number, from 0, of Size.
	Rank() int
	Size() int
	// Gather: y [Size, x's length] = each member's x, in the order of ranks. Floats only.
	Gather(y, x Floats)
	// Sum begins to add up x over all members, in place: all get the same bits. Until Join
	// nothing may use x.
	Sum(x Floats)
	// Join lets the operations that are called after it see all sums.
	Join()
}
