//! Stutters, and how a search ends.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::paxos::ValueId;
use bisim_models::paxos::consensus::{self, Consensus};
use bisim_proofs::checker::{Cut, Options, Verdict};
use bisim_proofs::refinement::{Failure, Refinement, refine};
use serde::{Deserialize, Serialize};
use stateright::{Model, Property};

use crate::wrong::{Wrong, replays};

/// Consensus on one value with a switch that means nothing, which may be flipped so many times,
/// or for ever.
struct Switch {
    flips: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct SwitchState {
    on: bool,
    flipped: u8,
    chosen: Option<ValueId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum SwitchAction {
    Flip,
    Choose,
}

impl Model for Switch {
    type State = SwitchState;
    type Action = SwitchAction;

    fn init_states(&self) -> Vec<SwitchState> {
        vec![SwitchState { on: false, flipped: 0, chosen: None }]
    }

    fn actions(&self, _: &SwitchState, actions: &mut Vec<SwitchAction>) {
        actions.extend([SwitchAction::Flip, SwitchAction::Choose]);
    }

    fn next_state(&self, last: &SwitchState, action: SwitchAction) -> Option<SwitchState> {
        let mut next = last.clone();
        match (action, self.flips) {
            (SwitchAction::Choose, _) if last.on => next.chosen = Some(0),
            (SwitchAction::Flip, None) => next.on = !last.on,
            (SwitchAction::Flip, Some(most)) if last.flipped < most => {
                next.on = !last.on;
                next.flipped += 1;
            }
            _ => return None,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("little is flipped", |_, state: &SwitchState| state.flipped < 4)]
    }
}

struct SwitchRefinesConsensus {
    switch: Switch,
    consensus: Consensus,
}

impl SwitchRefinesConsensus {
    fn new(flips: Option<u8>) -> Self {
        Self { switch: Switch { flips }, consensus: Consensus { values: 1 } }
    }
}

impl Refinement for SwitchRefinesConsensus {
    type Concrete = Switch;
    type Abstract = Consensus;

    fn name(&self) -> &'static str {
        "a switch refines consensus"
    }

    fn concrete(&self) -> &Switch {
        &self.switch
    }

    fn specification(&self) -> &Consensus {
        &self.consensus
    }

    fn map(&self, state: &SwitchState) -> consensus::State {
        consensus::State { chosen: state.chosen.into_iter().map(usize::from).collect() }
    }

    fn label(
        &self,
        before: &SwitchState,
        action: &SwitchAction,
        _: &SwitchState,
    ) -> Vec<consensus::Action> {
        match (action, before.chosen) {
            (SwitchAction::Choose, None) => vec![consensus::Action::Choose { val: 0 }],
            _ => Vec::new(),
        }
    }
}

#[test]
fn stutters_that_go_round() {
    let outcome = refine(&SwitchRefinesConsensus::new(None), &Options::default());
    let failed = outcome.divergence.as_ref().unwrap();
    assert_eq!((failed.failure, failed.cycle.len()), (Failure::StutterCycle, 2));
    assert_eq!(outcome.refined(), Verdict::Violated);
    replays(&SwitchRefinesConsensus::new(None), &outcome);
}

#[test]
fn stutters_that_end_may_come_before_what_is_offered() {
    let outcome = refine(&SwitchRefinesConsensus::new(Some(1)), &Options::default());
    assert_eq!((outcome.refined(), outcome.covered()), (Verdict::Holds, Verdict::Holds));
    // Choosing is offered at once when the switch is on, and after a flip when it is off.
    assert_eq!((outcome.coverage.at_once, outcome.coverage.after_stutters), (1, 1));
    assert_eq!((outcome.states, outcome.edges, outcome.stutters), (3, 2, 1));

    // After two flips the switch is off for good.
    let outcome = refine(&SwitchRefinesConsensus::new(Some(2)), &Options::default());
    assert_eq!(outcome.refined(), Verdict::Holds);
    assert_eq!(outcome.gap.as_ref().unwrap().failure, Failure::Missing);
    assert_eq!(outcome.gap.as_ref().unwrap().story.as_ref().unwrap().steps.len(), 2);
    replays(&SwitchRefinesConsensus::new(Some(2)), &outcome);
}

#[test]
fn a_property_of_the_system_itself() {
    let outcome = refine(&SwitchRefinesConsensus::new(Some(4)), &Options::default());
    let failed = outcome.violation.as_ref().unwrap();
    assert_eq!(failed.failure, Failure::Property("little is flipped"));
    assert_eq!(failed.story.as_ref().unwrap().steps.len(), 4);
    assert_eq!((outcome.divergences, outcome.refined()), (0, Verdict::Violated));
    replays(&SwitchRefinesConsensus::new(Some(4)), &outcome);
}

#[test]
fn a_search_that_is_cut_says_so() {
    let right = Wrong::nothing();
    let all = refine(&right, &Options::default());
    assert_eq!((all.cut, all.refined()), (None, Verdict::Holds));
    let most = |states| Options { max_states: Some(states), ..Options::default() };

    let cut = refine(&right, &most(all.states - 1));
    assert_eq!((cut.cut, cut.states), (Some(Cut::States), all.states - 1));
    assert_eq!((cut.refined(), cut.covered()), (Verdict::Truncated, Verdict::Truncated));

    let whole = refine(&right, &most(all.states));
    assert_eq!(
        (whole.cut, whole.refined(), whole.covered()),
        (None, Verdict::Holds, Verdict::Holds)
    );

    let interrupt = Arc::new(AtomicBool::new(true));
    let stopped = refine(&right, &Options { interrupt, ..Options::default() });
    assert_eq!((stopped.cut, stopped.refined()), (Some(Cut::Interrupt), Verdict::Truncated));
}

#[test]
fn a_failure_stops_the_search_unless_it_is_to_go_on() {
    let wrong = || Wrong { label: |_| Vec::new(), ..Wrong::nothing() };
    let first = refine(&wrong(), &Options::default());
    let all = refine(&wrong(), &Options { keep_going: true, ..Options::default() });
    assert_eq!((first.cut, all.cut), (Some(Cut::Violation), None));
    assert!(first.divergences < all.divergences);
    assert_eq!((all.states, all.edges), (3_921, 9_442));
    assert_eq!(all.divergences, 8_304, "every step of voting is silent");
}

#[test]
fn threads_change_nothing() {
    let wrong = Wrong { label: |_| Vec::new(), ..Wrong::nothing() };
    for refinement in [Wrong::nothing(), wrong] {
        let with = |workers| {
            let options = Options { workers, keep_going: true, ..Options::default() };
            let found = refine(&refinement, &options);
            let counts = (found.states, found.depth, found.edges, found.stutters, found.steps);
            let first = found.divergence.or(found.gap);
            let first = first.map(|failed| (failed.explanation, failed.story));
            (counts, found.image, found.divergences, found.coverage, first)
        };
        assert_eq!(with(1), with(3));
    }
}
