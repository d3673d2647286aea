//! Locks. The problem, the picture and the mapping from model to code are in
//! `impls/src/lock/README.md`.

pub mod mutex;
pub mod rw_lock;
