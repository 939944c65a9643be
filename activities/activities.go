// Package activities does what workflows decide: it calls trainers, the fit and the store.
// Its inputs and results are written into workflow histories, so they may only grow.
package activities
