//! Why the locks satisfy their models. The mapping table is in `impls/src/lock/README.md`.

mod mutex;
pub mod scenarios;

pub use mutex::MutexMapping;
