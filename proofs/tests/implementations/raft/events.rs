//! A node of Raft takes any event.

use std::sync::Arc;

use bisim::protocol::{Effect, Effects, Event, NodeId, Protocol, WriteId};
use bisim::raft::{
    AppendEntries, AppendEntriesResponse, AppendResult, Config, Conflict, Durable, Entry,
    HardState, LogIndex, Members, Message, Node, Payload, Request, RequestVote,
    RequestVoteResponse, Term, Timer,
};
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, Counter};
use bisim_proofs::raft::RaftNode;
use proptest::prelude::*;

fn any_message() -> impl Strategy<Value = Message<u64>> {
    let number = || prop_oneof![8 => 0..4_u64, 1 => Just(u64::MAX - 1), 1 => Just(u64::MAX)];
    let (term, index) = (move || number().prop_map(Term), move || number().prop_map(LogIndex));
    let ask = (term(), index(), term()).prop_map(|(term, last_log_index, last_log_term)| {
        RequestVote { term, last_log_index, last_log_term }
    });
    let append = (term(), index(), term(), any_entries(), index()).prop_map(
        |(term, prev_log_index, prev_log_term, entries, leader_commit)| {
            let entries = entries.into();
            AppendEntries { term, prev_log_index, prev_log_term, entries, leader_commit }
        },
    );
    let conflict = (proptest::option::of(term()), index())
        .prop_map(|(term, first_index)| Conflict { term, first_index });
    let result = prop_oneof![
        index().prop_map(|match_index| AppendResult::Success { match_index }),
        (index(), proptest::option::of(conflict)).prop_map(|(prev_log_index, conflict)| {
            AppendResult::Failure { prev_log_index, conflict }
        }),
    ];
    prop_oneof![
        ask.clone().prop_map(Message::RequestVote),
        ask.prop_map(Message::PreVote),
        (term(), any::<bool>()).prop_map(|(term, vote_granted)| {
            Message::RequestVoteResponse(RequestVoteResponse { term, vote_granted })
        }),
        append.prop_map(Message::AppendEntries),
        (term(), result).prop_map(|(term, result)| {
            Message::AppendEntriesResponse(AppendEntriesResponse { term, result })
        }),
        term().prop_map(|term| Message::PreVoteResponse { term }),
    ]
}

fn any_entries() -> impl Strategy<Value = Vec<Entry<u64>>> {
    let entry = (0..4_u64, proptest::option::of(any_command())).prop_map(|(term, command)| {
        let payload = command.map_or(Payload::NoOp, Payload::Command);
        Entry { term: Term(term), payload }
    });
    proptest::collection::vec(entry, 0..3)
}

fn any_command() -> impl Strategy<Value = Command<u64>> {
    (0..2_u64, 0..3_u64, any::<u64>()).prop_map(|(client, sequence, command)| Command {
        client: ClientId(client),
        sequence: SequenceNumber(sequence),
        command,
    })
}

/// Any message from anybody, any timer, any request, any disk, in any order.
fn any_event() -> impl Strategy<Value = Event<RaftNode>> {
    let timer = prop_oneof![Just(Timer::Election), Just(Timer::Heartbeat), Just(Timer::Lease)];
    let disk = (0..4_u64, proptest::option::of(0..4_u32), any_entries());
    prop_oneof![
        12 => (0..5_u32, any_message())
            .prop_map(|(from, message)| Event::Message { from: NodeId(from), message }),
        3 => timer.prop_map(Event::Fired),
        2 => any_command().prop_map(|command| Event::Request(Request::Propose(command))),
        1 => proptest::collection::vec(any_command(), 0..3)
            .prop_map(|commands| Event::Request(Request::ProposeAll(commands))),
        1 => any::<u64>().prop_map(|id| Event::Durable(WriteId(id))),
        1 => disk.prop_map(|(term, vote, entries)| {
            let (current_term, voted_for) = (Term(term), vote.map(NodeId));
            let hard = HardState { current_term, voted_for };
            Event::Recover(Durable { hard, log: entries.into_iter().collect() })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A node is total and deterministic; an event that it ignores leaves it as it was; it writes
    /// at most once, before it sends anything, and sends nothing before its latest write.
    #[test]
    fn a_node_takes_any_event(
        me in 0..5_u32,
        nodes in 0..5_u32,
        switches in (any::<bool>(), any::<bool>(), 0..3_usize, 0..3_usize),
        events in proptest::collection::vec(any_event(), 1..80),
    ) {
        let (everything, pre_vote, max_entries, window) = switches;
        let members = Members::first(nodes);
        let config = match everything {
            true => Config { pre_vote, max_entries, window, ..Config::recommended(members) },
            false => Config { pre_vote, max_entries, window, ..Config::figure_2(members) },
        };
        let mut node = Node::new(NodeId(me), Arc::new(config), Counter(0));
        let mut buffer: Effects<RaftNode> = Effects::new();
        for event in events {
            let before = node.clone();
            let mut again = (before.clone(), Effects::<_, ()>::naming_from(
                buffer.latest_write().map_or(WriteId(0), |WriteId(last)| WriteId(last + 1)),
            ));
            node.handle(event.clone(), &mut buffer);
            again.0.handle(event, &mut again.1);
            prop_assert_eq!(&again.0, &node);
            let effects: Vec<_> = buffer.drain().collect();
            prop_assert_eq!(again.1.list(), &effects[..]);
            if effects.iter().any(|effect| matches!(effect, Effect::Ignore(_))) {
                prop_assert_eq!(effects.len(), 1);
                prop_assert_eq!(&before, &node);
            }
            let write = |effect: &Effect<RaftNode>| matches!(effect, Effect::Write { .. });
            prop_assert!(effects.iter().filter(|effect| write(effect)).count() <= 1);
            let first_send = effects.iter().position(|e| matches!(e, Effect::Send { .. }));
            let late = effects.iter().skip(first_send.unwrap_or(effects.len())).any(write);
            prop_assert!(!late, "a write after a message");
            let latest = buffer.latest_write();
            let early = |effect: &Effect<RaftNode>| {
                matches!(effect, Effect::Send { after, .. } if *after != latest)
            };
            prop_assert!(!effects.iter().any(early), "a message before the latest write");
        }
    }
}
