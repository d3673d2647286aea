#![doc = include_str!("README.md")]

mod bounded;
mod change;
pub mod compat;
mod diff;
mod hash;
mod jump;
mod load_factor;
mod points;
mod rendezvous;
mod replicas;
mod ring;
#[cfg(feature = "serde")]
mod snapshot;

pub use bounded::BoundedLoad;
pub use diff::Moved;
pub use hash::{RingHash, WyHash, places};
pub use jump::jump_hash;
pub use load_factor::{LoadFactor, NoLoadFactor};
pub use rendezvous::Rendezvous;
pub use replicas::Replicas;
pub use ring::{Change, HashRing, Member, TooManyPoints};
