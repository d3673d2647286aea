//! Teeth of the refinement machinery: each thing that can be wrong with a refinement makes the
//! check of that name fail, with a story that replays.
//!
//! The good case is the chain of `paxos`; the wrong ones change one piece of it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::common::{ActionClass, Disabled, Law, Parameter, ParameterError, Params, Spec};
use bisim_models::paxos::consensus::{self, Consensus};
use bisim_models::paxos::paxos::{self, Paxos};
use bisim_models::paxos::voting::{self, Voting};
use bisim_models::paxos::{Constants, ValueId};
use bisim_models::spec_model;
use bisim_proofs::checker::{Cut, Options, Verdict};
use bisim_proofs::paxos::PaxosRefinesVoting;
use bisim_proofs::refinement::{
    Claim, Exception, Failure, Refined, RefinedOf, Refinement, refine, replay_refinement,
};
use bisim_proofs::registry::{Buggy, Evidence, ModelBug};
use serde::{Deserialize, Serialize};
use stateright::{Model, Property};

/// Voting with a guard more.
struct Guarded {
    voting: Voting,
    guard: fn(&voting::State, &voting::Action) -> bool,
}

spec_model!(Guarded, voting::State, voting::Action);

impl Spec for Guarded {
    const NAME: &'static str = "guarded-voting";
    const PARAMETERS: &'static [Parameter] = Voting::PARAMETERS;
    const ACTIONS: &'static [ActionClass] = Voting::ACTIONS;

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { voting: Voting::new(params)?, guard: |_, _| true })
    }

    fn initial(&self) -> Vec<voting::State> {
        self.voting.initial()
    }

    fn candidates(&self, state: &voting::State, actions: &mut Vec<voting::Action>) {
        self.voting.candidates(state, actions);
    }

    fn step(
        &self,
        state: &voting::State,
        action: &voting::Action,
    ) -> Result<voting::State, Disabled> {
        if !(self.guard)(state, action) {
            return Err(Disabled("the guard of the test"));
        }
        self.voting.step(state, action)
    }

    fn class_of(action: &voting::Action) -> usize {
        Voting::class_of(action)
    }

    fn laws(&self) -> Vec<Law<Self>> {
        Vec::new()
    }
}

type Excuse = fn(&Wrong, &paxos::State, &voting::Action) -> bool;

/// Paxos refines voting, with pieces that can be exchanged.
struct Wrong {
    right: PaxosRefinesVoting,
    guarded: Guarded,
    map: fn(voting::State) -> voting::State,
    label: fn(Vec<voting::Action>) -> Vec<voting::Action>,
    excuses: Vec<(&'static str, Excuse)>,
}

impl Wrong {
    /// Nothing wrong yet: the chain's own map and labels, and one excuse for all that is missing.
    fn nothing() -> Self {
        let constants = Constants::new(3, 2, 1);
        Self {
            right: PaxosRefinesVoting::new(constants.clone()),
            guarded: Guarded { voting: Voting { constants }, guard: |_, _| true },
            map: |state| state,
            label: |label| label,
            excuses: vec![("votes that the leader cannot ask for", no_such_proposal)],
        }
    }
}

fn no_such_proposal(_: &Wrong, state: &paxos::State, action: &voting::Action) -> bool {
    match *action {
        voting::Action::VoteFor { bal, val, .. } => state.proposals().all(|it| it != (bal, val)),
        voting::Action::IncreaseMaxBal { .. } => false,
    }
}

impl Refinement for Wrong {
    type Concrete = Paxos;
    type Abstract = Guarded;

    fn name(&self) -> &'static str {
        "paxos refines voting, perhaps"
    }

    fn concrete(&self) -> &Paxos {
        self.right.concrete()
    }

    fn specification(&self) -> &Guarded {
        &self.guarded
    }

    fn map(&self, state: &paxos::State) -> voting::State {
        (self.map)(self.right.map(state))
    }

    fn label(
        &self,
        before: &paxos::State,
        action: &paxos::Action,
        after: &paxos::State,
    ) -> Vec<voting::Action> {
        (self.label)(self.right.label(before, action, after))
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let excuses = self.excuses.iter();
        excuses.map(|&(name, applies)| Exception { name, reason: "a test", applies }).collect()
    }
}

/// The failure in what the system does, with the length of its story, which must replay.
fn failure<R: Refinement>(refinement: &R) -> Option<(Failure, usize)> {
    let outcome = refine(refinement, &Options::default());
    let failed = outcome.divergence.as_ref()?;
    assert_eq!(outcome.refined(), Verdict::Violated);
    replays(refinement, &outcome);
    Some((failed.failure, failed.story.as_ref().map_or(0, |story| story.steps.len())))
}

/// The failure in what the system leaves out.
fn gap<R: Refinement>(refinement: &R) -> Option<Failure> {
    let outcome = refine(refinement, &Options::default());
    assert_eq!(outcome.refined(), Verdict::Holds, "{:?}", outcome.divergence);
    let failed = outcome.gap.as_ref()?;
    assert_eq!(outcome.covered(), Verdict::Violated);
    replays(refinement, &outcome);
    replays_as_nothing_else(refinement, &outcome);
    Some(failed.failure)
}

/// A missing action does not replay as an ambiguous one, nor the other way round.
fn replays_as_nothing_else<R: Refinement>(refinement: &R, outcome: &RefinedOf<R>) {
    let failure = outcome.gap.as_ref().expect("there is a gap").failure;
    let other = match failure {
        Failure::Missing => Failure::Ambiguous,
        _ => Failure::Missing,
    };
    let mut trace = claim(refinement).covered(outcome).trace.expect("a gap has a trace");
    trace.property = trace.property.replace(&failure.to_string(), &other.to_string());
    let replayed = replay_refinement(refinement, &trace).expect("the trace still applies");
    assert_eq!(replayed.verdict, Verdict::Holds, "{}", trace.property);
}

fn claim<R: Refinement>(refinement: &R) -> Claim<'_, R> {
    Claim {
        target: "paxos",
        refinement,
        scope: String::new(),
        params: Default::default(),
        bug: None,
    }
}

/// Every trace in the reports replays to a violation, and no longer applies once cut short.
fn replays<R: Refinement>(refinement: &R, outcome: &RefinedOf<R>) {
    let claim = claim(refinement);
    for trace in
        [claim.refined(outcome), claim.covered(outcome)].into_iter().filter_map(|r| r.trace)
    {
        let replayed = replay_refinement(refinement, &trace).expect("the trace still applies");
        assert_eq!(replayed.verdict, Verdict::Violated, "{}", trace.property);
        let mut cut = trace.clone();
        if cut.steps.pop().is_some() && trace.steps.len() > outcome_cycle(outcome) {
            assert!(replay_refinement(refinement, &cut).is_err(), "{}", trace.property);
        }
    }
}

fn outcome_cycle<S, A>(outcome: &Refined<S, A>) -> usize {
    outcome.divergence.as_ref().map_or(0, |failed| failed.cycle.len())
}

#[test]
fn nothing_wrong_is_no_failure() {
    let right = Wrong::nothing();
    assert_eq!(failure(&right), None);
    assert_eq!(gap(&right), None);
}

#[test]
fn a_wrong_map_of_initial_states() {
    let wrong = Wrong {
        map: |mut state| {
            state.acceptors[0].max_bal = Some(0);
            state
        },
        ..Wrong::nothing()
    };
    assert_eq!(failure(&wrong), Some((Failure::Initial, 0)));
}

#[test]
fn a_wrong_state_map() {
    // The promise is read off the votes: what an acceptor promised without a vote is lost.
    let wrong = Wrong {
        map: |mut state| {
            for voter in &mut state.acceptors {
                voter.max_bal = voter.votes.iter().map(|vote| vote.bal).max();
            }
            state
        },
        ..Wrong::nothing()
    };
    assert_eq!(failure(&wrong), Some((Failure::WrongEnd, 2)));
}

#[test]
fn a_label_that_is_missing() {
    let wrong = Wrong { label: |_| Vec::new(), ..Wrong::nothing() };
    assert_eq!(failure(&wrong), Some((Failure::SilentChange, 2)));
}

#[test]
fn a_label_with_the_wrong_value() {
    let other = |label: Vec<voting::Action>| {
        let mut label = label;
        for action in &mut label {
            if let voting::Action::VoteFor { val, .. } = action {
                *val = 1 - *val;
            }
        }
        label
    };
    let wrong = Wrong { label: other, ..Wrong::nothing() };
    assert_eq!(failure(&wrong), Some((Failure::WrongEnd, 5)));
}

#[test]
fn a_label_that_names_a_step_twice() {
    let twice = |label: Vec<voting::Action>| label.iter().chain(&label).copied().collect();
    let wrong = Wrong { label: twice, ..Wrong::nothing() };
    assert_eq!(failure(&wrong), Some((Failure::Disabled, 2)));
}

#[test]
fn a_model_without_one_of_its_actions() {
    let mut wrong = Wrong::nothing();
    wrong.guarded.guard = |_, action| !matches!(action, voting::Action::VoteFor { .. });
    assert_eq!(failure(&wrong), Some((Failure::Disabled, 5)));
}

#[test]
fn a_model_with_one_guard_changed() {
    // Strictly below instead of at most: the acceptor must have promised the very ballot.
    let mut wrong = Wrong::nothing();
    wrong.guarded.guard = |state, action| match *action {
        voting::Action::VoteFor { acc, bal, .. } => {
            state.acceptors[usize::from(acc)].max_bal == Some(bal)
        }
        voting::Action::IncreaseMaxBal { .. } => true,
    };
    assert_eq!(failure(&wrong), Some((Failure::Disabled, 5)));
}

/// Paxos whose acceptors do not act.
fn lazy(step: fn(&paxos::Action) -> bool) -> PaxosRefinesVoting<Buggy<Paxos>> {
    const VOTES: ModelBug<Paxos> = ModelBug {
        slug: "paxos/never-votes",
        step: |_, _, action, _| match action {
            paxos::Action::Phase2b { .. } => Some(Err(Disabled("this acceptor never votes"))),
            _ => None,
        },
        candidates: |_, _, _, _| {},
    };
    const PROMISES: ModelBug<Paxos> = ModelBug {
        slug: "paxos/never-promises",
        step: |_, _, action, _| match action {
            paxos::Action::Phase1b { acc: 2, .. } => Some(Err(Disabled("acceptor 2 is mute"))),
            _ => None,
        },
        candidates: |_, _, _, _| {},
    };
    let paxos = Paxos { constants: Constants::new(3, 2, 1) };
    let vote = paxos::Action::Phase2b { acc: 0, bal: 0, val: 0 };
    let bug = if step(&vote) { PROMISES } else { VOTES };
    PaxosRefinesVoting::of(Buggy::new(paxos.clone(), bug), paxos)
}

#[test]
fn a_system_without_one_of_its_actions() {
    let never_votes = lazy(|action| !matches!(action, paxos::Action::Phase2b { .. }));
    let outcome = refine(&never_votes, &Options::default());
    assert_eq!(outcome.gap.as_ref().unwrap().failure, Failure::Missing);
    assert_eq!(outcome.covered(), Verdict::Violated);
    // What it does is still right, but it never does what it is for.
    assert_eq!(outcome.divergences, 0);
    assert_eq!(outcome.refined(), Verdict::Vacuous);
    assert!(outcome.vacuous.iter().any(|why| why.contains("a value is chosen")));

    let mute = lazy(|_| true);
    assert_eq!(gap(&mute), Some(Failure::Missing));
}

#[test]
fn a_missing_action_without_an_excuse() {
    let wrong = Wrong { excuses: Vec::new(), ..Wrong::nothing() };
    assert_eq!(gap(&wrong), Some(Failure::Missing));
}

#[test]
fn a_missing_action_with_two_excuses() {
    let mut wrong = Wrong::nothing();
    wrong.excuses.push(("anything goes", |_, _, _| true));
    assert_eq!(gap(&wrong), Some(Failure::Ambiguous));
}

#[test]
fn an_excuse_for_nothing() {
    let mut wrong = Wrong::nothing();
    let promises: Excuse = |_, _, action| matches!(action, voting::Action::IncreaseMaxBal { .. });
    wrong.excuses.push(("promises that nobody asked for", promises));
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(outcome.gap.as_ref().unwrap().failure, Failure::IdleException);
    assert_eq!(outcome.covered(), Verdict::Violated);
    // It is no trace of a bug, as a missing action is.
    assert!(!claim(&wrong).hunt(Evidence::Covered, &Options::default()).caught);
    wrong.excuses.clear();
    assert!(claim(&wrong).hunt(Evidence::Covered, &Options::default()).caught);
}

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
