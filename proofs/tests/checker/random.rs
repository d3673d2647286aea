//! Random graphs.

use std::collections::BTreeMap;

use bisim_proofs::checker::Options;
use proptest::prelude::*;

use crate::graph::{Graph, summary, with_workers};

/// The depth of each state, by the plainest search.
fn depths(graph: &Graph) -> BTreeMap<u16, u32> {
    let mut depths = BTreeMap::new();
    let mut level: Vec<u16> = graph.initial.clone();
    for depth in 1.. {
        level.retain(|state| !depths.contains_key(state));
        if level.is_empty() {
            break;
        }
        depths.extend(level.iter().map(|&state| (state, depth)));
        level.retain(|state| !graph.outside.contains(state));
        let next = graph.edges.iter().filter(|(from, _)| level.contains(from));
        level = next.map(|&(_, to)| to).collect();
    }
    depths
}

fn graphs() -> impl Strategy<Value = Graph> {
    let states = || prop::collection::btree_set(0..40u16, 0..4);
    let edges = prop::collection::vec((0..40u16, 0..40u16), 0..90);
    (prop::collection::vec(0..40u16, 0..3), edges, states(), states(), states()).prop_map(
        |(initial, edges, bad, goal, outside)| Graph {
            initial,
            edges,
            bad,
            goal,
            outside,
            ..Graph::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_random_graph_is_explored_as_by_the_plainest_search(
        graph in graphs(),
        workers in 1..=3usize,
    ) {
        let ours = graph.run(&Options { keep_going: true, ..with_workers(workers) });
        let depths = depths(&graph);
        let inside = || depths.iter().filter(|(state, _)| !graph.outside.contains(state));
        prop_assert_eq!(ours.distinct, inside().count() as u64);
        prop_assert_eq!(ours.depth, inside().map(|(_, &depth)| depth).max().unwrap_or(0));
        let edges = graph.edges.iter().filter(|(from, _)| inside().any(|(state, _)| state == from));
        prop_assert_eq!(ours.generated, (graph.initial.len() + edges.count()) as u64);
        prop_assert_eq!(ours.cut, None);
        for (property, wanted) in ours.properties.iter().zip([&graph.bad, &graph.goal]) {
            let nearest = wanted.iter().filter_map(|state| depths.get(state)).min();
            let story = property.story.as_ref();
            prop_assert_eq!(story.map(|s| s.steps.len() as u32 + 1), nearest.copied());
            let Some(story) = story else { continue };
            prop_assert!(wanted.contains(story.last()));
            prop_assert!(graph.initial.contains(&story.initial));
            let mut at = story.initial;
            for &(_, next) in &story.steps {
                prop_assert!(graph.edges.contains(&(at, next)));
                at = next;
            }
        }
        let again = graph.run(&Options { keep_going: true, ..with_workers(1) });
        prop_assert_eq!(summary(&ours), summary(&again));
    }
}
