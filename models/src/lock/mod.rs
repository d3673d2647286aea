//! Locks. The problem, the picture and the mapping from model to code are in
//! `impls/src/lock/README.md`.

pub mod actor_lock;
pub mod mutex;
pub mod rw_lock;
pub mod ticket_lock;
pub mod wait_group;
