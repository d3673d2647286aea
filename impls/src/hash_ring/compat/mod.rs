//! Rings that others have made, with exactly their placements: a key that libketama or nginx sends
//! to a server is sent to the same server here.
//!
//! Both have points of 32 bits, which collide: a thousand servers have some pairs of equal points.
//! Who owns such a place follows from the order in which the servers are configured, so the
//! order is part of what these rings are made from. [`HashRing`](super::HashRing) does without.

mod continuum;
mod crc32;
mod ketama;
mod md5;
mod nginx;

pub use ketama::Ketama;
pub use nginx::Nginx;
