//! Where to start other than at `Init`: in Figure 8 of the paper, which is some forty steps away
//! from `Init`, too far for an exhaustive search.
//!
//! Three servers stand for the figure's five: server 0 is S1, server 1 is S2 (and S3 and S4), and
//! server 2 is S5. The entry that all logs have in the figure is left out. In term 2, S1 was
//! leader, and has an entry that nobody else has; in term 3, S5 was, with the votes of the others,
//! and has another entry at the same index.

use super::{Durable, Entry, Indices, Log, Role, Server, ServerId, Term, ValueId, Volatile};
use crate::common::{ParameterError, SmallSet};

/// The number of servers of each scenario.
const SERVERS: usize = 3;

/// Where to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// `Init`.
    #[default]
    Init,
    /// Figure 8 (c): S1 is leader again, in term 4, with the vote of S2, and has still to
    /// replicate its old entry. S5 is a candidate in term 5, for which it has its own vote.
    Figure8C,
    /// Figure 8 (e), the other way round: S5 is still leader of term 3, and its entry is on a
    /// majority. S1 is a candidate in term 4, for which it has its own vote; it cannot win.
    Figure8E,
}

impl Start {
    /// The number of the parameter `start`.
    pub(super) fn numbered(number: u32) -> Self {
        match number {
            1 => Self::Figure8C,
            2 => Self::Figure8E,
            _ => Self::Init,
        }
    }

    /// The servers, of which there are so many.
    pub(super) fn servers(self, servers: usize, values: ValueId) -> Vec<Server> {
        let s1_entry = Entry { term: 2, value: 0 };
        let s5_entry = Entry { term: 3, value: values.saturating_sub(1) };
        match self {
            Self::Init => vec![Server::initial(servers); servers],
            Self::Figure8C => {
                let s1 = Server { volatile: leader(&[0, 1]), ..server(4, 0, &[s1_entry]) };
                let s5 = Server { volatile: candidate(2), ..server(5, 2, &[s5_entry]) };
                vec![s1, server(4, 0, &[]), s5]
            }
            Self::Figure8E => {
                let s1 = Server { volatile: candidate(0), ..server(4, 0, &[s1_entry]) };
                let s5 = Server { volatile: leader(&[1, 2]), ..server(3, 2, &[s5_entry]) };
                vec![s1, server(3, 2, &[s5_entry]), s5]
            }
        }
    }

    /// Whether the scenario lies within these bounds.
    pub(super) fn fits(
        self,
        servers: u8,
        max_term: Term,
        log: usize,
    ) -> Result<(), ParameterError> {
        let (number, term) = match self {
            Self::Init => return Ok(()),
            Self::Figure8C => (1, 5),
            Self::Figure8E => (2, 4),
        };
        if usize::from(servers) == SERVERS && max_term >= term && log > 0 {
            return Ok(());
        }
        Err(ParameterError(format!(
            "start={number}: servers is {SERVERS}, max_term {term} or more, max_log 1 or more"
        )))
    }
}

fn server(current_term: Term, voted_for: ServerId, log: &[Entry]) -> Server {
    let durable = Durable { current_term, voted_for: Some(voted_for), log: Log::from(log) };
    Server { durable, volatile: Volatile::started(SERVERS) }
}

fn candidate(i: usize) -> Volatile {
    let votes = SmallSet::EMPTY.with(i);
    Volatile {
        state: Role::Candidate,
        votes_responded: votes,
        votes_granted: votes,
        ..Volatile::started(SERVERS)
    }
}

/// A leader with one entry, of which it does not know who else has it.
fn leader(votes: &[usize]) -> Volatile {
    let votes: SmallSet = votes.iter().copied().collect();
    Volatile {
        state: Role::Leader,
        votes_responded: votes,
        votes_granted: votes,
        next_index: Indices::repeat(1, SERVERS),
        ..Volatile::started(SERVERS)
    }
}
