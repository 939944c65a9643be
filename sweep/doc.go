// Package sweep is the domain of scalelaw: what a researcher asks for (a Spec),
// what has to be trained for it (Runs), what that costs (the compute ledger) and
// what came out (the records of attempts, metrics, checkpoints, evaluations).
//
// It knows no database, no clock, no network and no other package of the project.
// Everything in it is a value or a pure function of values.
package sweep
