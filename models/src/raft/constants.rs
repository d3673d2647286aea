//! The constants of raft.tla, the bounds, and what the model adds to it.

use super::Start;
use crate::common::{Kind, Parameter, ParameterError, Params};

/// A server, from 0.
pub type ServerId = u8;
/// A term; every server starts in term 1.
pub type Term = u16;
/// The index of an entry in a log, from 1; 0 is before the first.
pub type Index = u16;
/// A client's request, from 0.
pub type ValueId = u16;

/// `Server` and `Value`, the bounds within which states are explored, and the extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constants {
    /// The number of servers, at most [`SERVERS`](Constants::SERVERS).
    pub servers: u8,
    /// The number of values.
    pub values: u16,
    /// Bound: the largest `currentTerm`.
    pub max_term: Term,
    /// Bound: the longest log.
    pub max_log: usize,
    /// Bound: how many different messages are in flight.
    pub max_msgs: usize,
    /// Bound: how often each of them is.
    pub max_dup: u32,
    /// Extension: the most entries of an `AppendEntries` request. With 1, a request carries the
    /// next entry if there is one, as published; with more, any number up to this.
    pub max_entries: usize,
    /// The history variables `elections`, `allLogs`, `voterLog` and `mlog`.
    pub history: bool,
    /// Extension: `matchIndex` and `commitIndex` never go backwards.
    pub hardened: bool,
    /// Extension: a leader may become a follower in its own term.
    pub step_down: bool,
    /// Extension: a leader may set `nextIndex` as it likes, above `matchIndex`.
    pub free_next: bool,
    /// Where to start.
    pub start: Start,
}

const fn flag(name: &'static str, doc: &'static str, presets: [u32; 3]) -> Parameter {
    Parameter { name, doc, kind: Kind::Flag, presets }
}

impl Constants {
    /// The largest number of servers.
    pub const SERVERS: usize = 8;

    /// The parameters of the model.
    pub const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("servers", "servers", (1, Self::SERVERS as u32), [2, 2, 2]),
        Parameter::count("values", "values that clients request", (1, 100), [1, 1, 1]),
        Parameter::count("max_term", "largest term; the first is 1", (1, 100), [3, 3, 3]),
        Parameter::count("max_log", "longest log", (0, 100), [2, 1, 2]),
        Parameter::count("max_msgs", "different messages in flight", (0, 100), [1, 2, 2]),
        Parameter::count("max_dup", "copies of each message in flight", (0, 100), [1, 1, 1]),
        Parameter::count("max_entries", "most entries of a request", (1, 100), [1, 1, 1]),
        flag("history", "keep the specification's history variables", [0; 3]),
        flag("hardened", "matchIndex and commitIndex never go backwards", [0; 3]),
        flag("step_down", "a leader may become a follower in its term", [0; 3]),
        flag("free_next", "nextIndex may be set to any value above matchIndex", [0; 3]),
        Parameter::count("start", "0: Init, 1: Figure 8 (c), 2: Figure 8 (e)", (0, 2), [0, 0, 0]),
    ];

    /// Reads the parameters, each of which is within its range.
    ///
    /// # Errors
    /// When the scenario to start with lies outside the bounds.
    pub fn from_params(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u16::try_from(params.get(name)).expect("the range is below 65536");
        let start = Start::numbered(params.get("start"));
        start.fits(small("servers") as u8, small("max_term"), small("max_log").into())?;
        Ok(Self {
            servers: u8::try_from(small("servers")).expect("the range is below 256"),
            values: small("values"),
            max_term: small("max_term"),
            max_log: small("max_log").into(),
            max_msgs: small("max_msgs").into(),
            max_dup: small("max_dup").into(),
            max_entries: small("max_entries").into(),
            history: params.flag("history"),
            hardened: params.flag("hardened"),
            step_down: params.flag("step_down"),
            free_next: params.flag("free_next"),
            start,
        })
    }

    /// All servers.
    pub fn servers(&self) -> std::ops::Range<ServerId> {
        0..self.servers
    }
}
