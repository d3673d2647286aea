//! Tiny graphs on which the checker is right, and where Stateright 0.31 is not. Each claim about
//! Stateright is asserted on Stateright, so that these tests tell when a later one is better.

mod bounds;
mod graph;
mod left_out;
mod random;
mod stateright_is_wrong;
mod verdicts;
