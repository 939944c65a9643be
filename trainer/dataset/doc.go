// Package dataset reads pairs of image and caption from files: webdataset shards and CSV
// tables, as open_clip's training program reads them, and writes shards that it can read.
//
// Open finds the files of a pattern and gives a Set. From there:
//
//	set, err := dataset.Open("shards/{00000..00031}.tar", dataset.Options{})
//	feed, err := set.Feed(dataset.FeedOptions{Transform: picture.Training(224), Batch: 256, Seed: 1})
//	defer feed.Close()
//	for range steps {
//		batch, err := feed.Next(ctx) // images [n, 3, size, size], captions; good until the next call
//		...
//	}
//	state := feed.Position() // a few numbers as JSON; FeedOptions.Resume takes it back
//
// A feed never ends by itself: after the last pair the next pass over the data begins, in a new
// order. The order, the random crops and so every bit of every batch depend on the data, the
// seed and the transform alone - not on the number of workers, and not on where the stream was
// interrupted and resumed. With Once it gives one pass and then io.EOF.
//
// # Order
//
// Of shards: each pass has its own order of the shards; pairs are read from them into a window
// of a fixed number of pairs, which is shuffled and given whole before the next one. Windows
// are cut by count and by bytes, so memory is bounded: two windows, and per worker one image.
// A Position names where its window begins and how many pairs of it were given, so that resuming
// reads one window again and nothing before it.
// Of a table: each pass is one order of all rows, of which only the offsets are kept in memory.
//
// # What is wrong with the data
//
// A pair without image or caption is skipped and counted; so is an image that is missing,
// too large or cannot be decoded, and of these more than a share (Options.MaxBadShare) ends
// the feed with an error that names shard and member. A damaged archive ends it at once.
package dataset
