//! What the implementation leaves out of what the model allows, and why it may.

use bisim::paxos::{Message, Node};
use bisim_models::paxos::paxos::Action;

use super::implementation::Implementation;
use super::scope::{PaxosState, Proposal, Scope};
use crate::cluster::Remembers;
use crate::refinement::Exception;

/// The classes that apply within a scope.
pub(super) fn exceptions<N: Remembers<Message<Proposal>>>(
    _scope: &Scope,
) -> Vec<Exception<Implementation<N>>> {
    Vec::new()
}
