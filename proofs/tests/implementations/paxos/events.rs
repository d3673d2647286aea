//! A node of Paxos takes any event.

use std::sync::Arc;

use bisim::paxos::{Ballot, Durable, Members, Message, Node, Propose, Timer, Vote};
use bisim::protocol::{Effect, Effects, Event, NodeId, Protocol, WriteId};
use bisim_proofs::paxos::Proposal;
use proptest::prelude::*;

/// Any message from anybody, any timer, any request, any disk, in any order.
fn any_event() -> impl Strategy<Value = Event<Node<Proposal>>> {
    let small = prop_oneof![0..4_u64, Just(u64::MAX - 1), Just(u64::MAX)].prop_map(Ballot);
    let vote = (small.clone(), 0..3_u8).prop_map(|(ballot, value)| Vote { ballot, value });
    let vote = proptest::option::of(vote);
    let message = prop_oneof![
        small.clone().prop_map(|ballot| Message::Prepare { ballot }),
        (small.clone(), vote.clone())
            .prop_map(|(ballot, accepted)| Message::Promise { ballot, accepted }),
        (small.clone(), 0..3_u8).prop_map(|(ballot, value)| Message::Accept { ballot, value }),
        (small.clone(), 0..3_u8).prop_map(|(ballot, value)| Message::Accepted { ballot, value }),
    ];
    let disk = (proptest::option::of(small.clone()), proptest::option::of(small), vote);
    prop_oneof![
        8 => (0..6_u32, message)
            .prop_map(|(from, message)| Event::Message { from: NodeId(from), message }),
        1 => Just(Event::Fired(Timer::Retry)),
        1 => (0..3_u8).prop_map(|value| Event::Request(Propose(value))),
        1 => any::<u64>().prop_map(|id| Event::Durable(WriteId(id))),
        1 => disk.prop_map(|(tried, promised, accepted)| {
            Event::Recover(Durable { tried, promised, accepted })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A node is total and deterministic, and an event that it ignores leaves it as it was.
    #[test]
    fn a_node_takes_any_event(
        me in 0..6_u32,
        nodes in 0..5_u32,
        events in proptest::collection::vec(any_event(), 1..60),
    ) {
        let mut node = Node::new(NodeId(me), Arc::new(Members::all_roles(nodes)));
        for event in events {
            let before = node.clone();
            let (mut one, mut two) = (Effects::<_, ()>::new(), Effects::<_, ()>::new());
            node.handle(event.clone(), &mut one);
            let mut again = before.clone();
            again.handle(event, &mut two);
            prop_assert_eq!(&again, &node);
            prop_assert_eq!(one.list(), two.list());
            if one.list().iter().any(|effect| matches!(effect, Effect::Ignore(_))) {
                prop_assert_eq!(one.list().len(), 1);
                prop_assert_eq!(&before, &node);
            }
        }
    }
}
