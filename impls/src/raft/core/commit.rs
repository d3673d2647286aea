//! Committing and applying: sections 5.3 and 5.4.2.

use super::Turn;
use crate::protocol::Steps;
use crate::raft::{LogIndex, Payload, Role, Step, quorum};
use crate::state_machine::{Applied, Command, StateMachine};

impl<M: StateMachine, S: Steps<Step<M::Command>>> Turn<'_, M, S> {
    /// Leaders: "If there exists an N such that N > commitIndex, a majority of matchIndex\[i\] >=
    /// N, and log\[N\].term == currentTerm: set commitIndex = N". Returns whether there is.
    ///
    /// The leader counts itself for its whole log. Nobody learns of the result before its latest
    /// write is durable.
    pub(super) fn advance_commit_index(&mut self) -> bool {
        let (me, server) = (self.me, &*self.server);
        let last = server.log.last_index();
        // All is committed: what else the followers answer changes nothing.
        if server.commit_index >= last {
            return false;
        }
        let members = self.config.members.ids().iter().zip(&server.peers);
        let stored = members.map(|(id, peer)| if *id == me { last } else { peer.match_index });
        let Some(index) = quorum::stored_by_majority(stored) else { return false };
        let of_this_term = server.log.term_at(index) == Some(server.hard.current_term);
        if index <= server.commit_index || !of_this_term {
            return false;
        }
        self.step(|| Step::AdvanceCommitIndex { server: me });
        self.commit_up_to(index);
        true
    }

    /// All servers: "If commitIndex > lastApplied: increment lastApplied, apply log\[lastApplied\]
    /// to state machine". Leaders: "respond after entry applied to state machine". Nobody waits at
    /// this leader for entries of earlier terms: who asks again is answered from the session.
    pub(super) fn commit_up_to(&mut self, index: LogIndex) {
        self.server.commit_index = self.server.commit_index.max(index);
        while self.server.last_applied < self.server.commit_index {
            let server = &mut *self.server;
            let next = server.last_applied.next();
            let Some(entry) = server.log.get(next) else { return };
            server.last_applied = next;
            let Payload::Command(command) = &entry.payload else { continue };
            let Some(output) = server.replicated.apply(command) else { continue };
            if server.role == Role::Leader && entry.term == server.hard.current_term {
                let Command { client, sequence, .. } = *command;
                let applied = Applied { client, sequence, output: output.clone() };
                self.effects.reply(self.effects.latest_write(), applied);
            }
        }
    }
}
