//! Paxos refines voting, with pieces that can be exchanged.

use bisim_models::common::{ActionClass, Disabled, Law, Parameter, ParameterError, Params, Spec};
use bisim_models::paxos::Constants;
use bisim_models::paxos::paxos::{self, Paxos};
use bisim_models::paxos::voting::{self, Voting};
use bisim_models::spec_model;
use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::paxos::PaxosRefinesVoting;
use bisim_proofs::refinement::{
    Claim, Exception, Failure, Refined, RefinedOf, Refinement, refine, replay_refinement,
};

/// Voting with a guard more.
pub(crate) struct Guarded {
    pub(crate) voting: Voting,
    pub(crate) guard: fn(&voting::State, &voting::Action) -> bool,
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

pub(crate) type Excuse = fn(&Wrong, &paxos::State, &voting::Action) -> bool;

/// Paxos refines voting, with pieces that can be exchanged.
pub(crate) struct Wrong {
    pub(crate) right: PaxosRefinesVoting,
    pub(crate) guarded: Guarded,
    pub(crate) map: fn(voting::State) -> voting::State,
    pub(crate) label: fn(Vec<voting::Action>) -> Vec<voting::Action>,
    pub(crate) excuses: Vec<(&'static str, Excuse)>,
}

impl Wrong {
    /// Nothing wrong yet: the chain's own map and labels, and one excuse for all that is missing.
    pub(crate) fn nothing() -> Self {
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

pub(crate) fn no_such_proposal(_: &Wrong, state: &paxos::State, action: &voting::Action) -> bool {
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
pub(crate) fn failure<R: Refinement>(refinement: &R) -> Option<(Failure, usize)> {
    let outcome = refine(refinement, &Options::default());
    let failed = outcome.divergence.as_ref()?;
    assert_eq!(outcome.refined(), Verdict::Violated);
    replays(refinement, &outcome);
    Some((failed.failure, failed.story.as_ref().map_or(0, |story| story.steps.len())))
}

/// The failure in what the system leaves out.
pub(crate) fn gap<R: Refinement>(refinement: &R) -> Option<Failure> {
    let outcome = refine(refinement, &Options::default());
    assert_eq!(outcome.refined(), Verdict::Holds, "{:?}", outcome.divergence);
    let failed = outcome.gap.as_ref()?;
    assert_eq!(outcome.covered(), Verdict::Violated);
    replays(refinement, &outcome);
    replays_as_nothing_else(refinement, &outcome);
    Some(failed.failure)
}

/// A missing action does not replay as an ambiguous one, nor the other way round.
pub(crate) fn replays_as_nothing_else<R: Refinement>(refinement: &R, outcome: &RefinedOf<R>) {
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

pub(crate) fn claim<R: Refinement>(refinement: &R) -> Claim<'_, R> {
    Claim {
        target: "paxos",
        refinement,
        scope: String::new(),
        params: Default::default(),
        bug: None,
    }
}

/// Every trace in the reports replays to a violation, and no longer applies once cut short.
pub(crate) fn replays<R: Refinement>(refinement: &R, outcome: &RefinedOf<R>) {
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

pub(crate) fn outcome_cycle<S, A>(outcome: &Refined<S, A>) -> usize {
    outcome.divergence.as_ref().map_or(0, |failed| failed.cycle.len())
}
