//! The shipped nodes of each protocol: refined, covered and sampled, and the teeth of each check.

mod paxos;
mod raft;
mod shared;
mod wrong;
