//! Known bugs of Paxos, seeded in the model.
//!
//! A network that is a set of messages has no duplicates to count (row X11), and the model has no
//! learner that could mix ballots (row X12): those two are seeded in the implementation.

use bisim_models::common::{Disabled, Params, Preset, SmallSet, Spec};
use bisim_models::paxos::paxos::{AcceptorState, Action, Message, Paxos, State};
use bisim_models::paxos::{Ballot, ValueId};

use super::PaxosRefinesVoting;
use crate::checker::Options;
use crate::refinement::{Claim, Failure, trace_params};
use crate::registry::{Bug, Buggy, Caught, Evidence, Hunt, HuntOptions, ModelBug, model_bug};

/// A step of a wrong algorithm, or `None` for the step of the right one.
type Step = Option<Result<State, Disabled>>;

/// All bugs of the model.
pub const MODEL_BUGS: [ModelBug<Paxos>; 10] = [
    model_bug!("paxos/adopts-any-value", adopts_any_value),
    model_bug!("paxos/ignores-reported-values", ignores_reported_values),
    model_bug!("paxos/takes-ballot-0-for-none", takes_ballot_0_for_none),
    model_bug!("paxos/forgets-promise", forgets_promise),
    model_bug!("paxos/forgets-vote", forgets_vote),
    model_bug!("paxos/reuses-ballot", reuses_ballot),
    model_bug!("paxos/half-is-a-quorum", half_is_a_quorum),
    model_bug!("paxos/accept-ignores-promise", accept_ignores_promise),
    model_bug!("paxos/rejects-newer-accept", rejects_newer_accept),
    model_bug!("paxos/vote-is-no-promise", vote_is_no_promise),
];

/// The rows of the catalogue that the model can express, each with its hunts.
pub(super) fn bugs() -> Vec<Bug> {
    let [any, ignores, zero, promise, vote, reuses, half, accept, rejects, raises] = MODEL_BUGS;
    let row = |row, bug: ModelBug<Paxos>, title, source| Bug {
        hunts: vec![Hunt::against(bug, "agreement"), refined(bug, Failure::Disabled)],
        ..Bug::new(row, bug.slug, title, source)
    };
    let paxos_made_simple = "Lamport, Paxos Made Simple, 2001, section 2.2";
    vec![
        Bug {
            hunts: vec![
                Hunt::against(any, "agreement").from(Preset::Standard),
                refined(any, Failure::Disabled).from(Preset::Standard),
            ],
            reason: "with ballots 0..1 all reported votes are of ballot 0, hence for one value",
            ..row("X1", any, "the leader adopts any reported value", paxos_made_simple)
        },
        row("X2", ignores, "the leader ignores reported values", paxos_made_simple),
        row("X3", zero, "a vote in ballot 0 is taken for no vote", "Paxos.tla has -1 for no vote"),
        row("X4", promise, "an acceptor forgets its promise at a restart", "efficient/epaxos 28"),
        row("X5", vote, "an acceptor forgets its vote at a restart", "palantir/atlasdb 1504"),
        row("X6", reuses, "two proposers use the same ballot", "Tencent/phxpaxos 145"),
        row("X7", half, "half of the acceptors are a quorum", paxos_made_simple),
        row("X8", accept, "an acceptor votes below its promise", paxos_made_simple),
        Bug {
            hunts: vec![
                Hunt::explored(rejects).expecting("an acceptor votes without a promise"),
                refined(rejects, Failure::Missing),
            ],
            reason: "safe, but an acceptor that missed the 1a cannot help to choose",
            ..row(
                "X9",
                rejects,
                "an acceptor rejects ballots it did not promise",
                "luohaha/MyPaxos 19",
            )
        },
        Bug {
            hunts: vec![
                Hunt::against(raises, "agreement").from(Preset::Standard),
                refined(raises, Failure::WrongEnd),
            ],
            reason: "with ballots 0..1 agreement survives; the refinement does not",
            ..row("X10", raises, "a vote is no promise", "van Renesse, Altinbuken, 2015")
        },
    ]
}

/// The hunt on the edges of the refinement of voting, where this check fails.
fn refined(bug: ModelBug<Paxos>, check: Failure) -> Hunt {
    let evidence = if check.is_gap() { Evidence::Covered } else { Evidence::Refined };
    Hunt::new(evidence, move |options| hunt(bug, evidence, options)).expecting(check.name())
}

fn hunt(bug: ModelBug<Paxos>, evidence: Evidence, options: &HuntOptions) -> Caught {
    let params = Params::preset(Paxos::PARAMETERS, options.preset);
    let paxos = Paxos::new(&params).expect("every preset makes a model");
    let claim = Claim {
        target: Paxos::NAME,
        refinement: &PaxosRefinesVoting::of(Buggy::new(paxos.clone(), bug), paxos),
        scope: String::new(),
        params: trace_params(&params),
        bug: Some(bug.slug),
    };
    let interrupt = options.interrupt.clone();
    claim.hunt(evidence, &Options { interrupt, ..Options::default() })
}

/// `Phase2a` with another guard in place of the one on promises.
fn phase_2a(
    paxos: &Paxos,
    state: &State,
    action: &Action,
    allows: impl Fn(SmallSet, Ballot, ValueId) -> bool,
) -> Step {
    let Action::Phase2a { bal, val } = *action else { return None };
    Some(if state.proposals().any(|(proposed, _)| proposed == bal) {
        Err(Disabled("the leader of the ballot has proposed already"))
    } else if !paxos.constants.some_quorum(|quorum| allows(quorum, bal, val)) {
        Err(Disabled("no quorum's promises allow the value"))
    } else {
        Ok(with(state, Message::TwoA { bal, val }))
    })
}

fn with(state: &State, message: Message) -> State {
    let mut next = state.clone();
    next.msgs.insert(message);
    next
}

/// The votes that members of a quorum report in their promises of a ballot.
fn reported(state: &State, quorum: SmallSet, bal: Ballot) -> Vec<(Ballot, ValueId)> {
    let promises = state.promises(bal).filter(|(acc, ..)| quorum.contains(usize::from(*acc)));
    promises.filter_map(|(_, mbal, mval)| mbal.zip(mval)).collect()
}

/// Row X1: the value of any report will do, not only that of the highest ballot.
fn adopts_any_value(paxos: &Paxos, state: &State, action: &Action) -> Step {
    phase_2a(paxos, state, action, |quorum, bal, val| {
        let reported = reported(state, quorum, bal);
        state.all_promised(quorum, bal)
            && (reported.is_empty() || reported.iter().any(|&(_, value)| value == val))
    })
}

/// Row X2: a quorum of promises is enough, whatever they report.
fn ignores_reported_values(paxos: &Paxos, state: &State, action: &Action) -> Step {
    phase_2a(paxos, state, action, |quorum, bal, _| state.all_promised(quorum, bal))
}

/// Row X3: the number of the ballot says whether there was a vote, and 0 says no.
fn takes_ballot_0_for_none(paxos: &Paxos, state: &State, action: &Action) -> Step {
    phase_2a(paxos, state, action, |quorum, bal, val| {
        let reported = reported(state, quorum, bal);
        let last = reported.iter().map(|&(mbal, _)| mbal).filter(|&mbal| mbal != 0).max();
        state.all_promised(quorum, bal) && last.is_none_or(|last| reported.contains(&(last, val)))
    })
}

/// Row X7: one half is enough, rounded down.
fn half_is_a_quorum(paxos: &Paxos, state: &State, action: &Action) -> Step {
    let half = usize::from(paxos.constants.acceptors / 2).max(1);
    phase_2a(paxos, state, action, |_, bal, val| {
        paxos.constants.subsets(half).any(|half| state.promises_allow(half, bal, val))
    })
}

/// Row X6: nobody looks whether the ballot is taken.
fn reuses_ballot(paxos: &Paxos, state: &State, action: &Action) -> Step {
    let Action::Phase2a { bal, val } = *action else { return None };
    let allowed = paxos.constants.some_quorum(|quorum| state.promises_allow(quorum, bal, val));
    Some(match allowed {
        true => Ok(with(state, Message::TwoA { bal, val })),
        false => Err(Disabled("no quorum's promises allow the value")),
    })
}

/// Row X4: a message that the promise forbids to answer finds the acceptor restarted, with its
/// last vote but without what it promised since.
fn forgets_promise(paxos: &Paxos, state: &State, action: &Action) -> Step {
    let (Action::Phase1b { acc, .. } | Action::Phase2b { acc, .. }) = *action else { return None };
    if paxos.step(state, action).is_ok() {
        return None;
    }
    let mut restarted = state.clone();
    let acceptor = restarted.acceptor_mut(acc);
    acceptor.max_bal = acceptor.max_vbal;
    Some(paxos.step(&restarted, action))
}

/// Row X5: a `1a` finds the acceptor restarted, with its promise but without its vote.
fn forgets_vote(paxos: &Paxos, state: &State, action: &Action) -> Step {
    let Action::Phase1b { acc, .. } = *action else { return None };
    let mut restarted = state.clone();
    let acceptor = restarted.acceptor_mut(acc);
    *acceptor = AcceptorState { max_bal: acceptor.max_bal, ..AcceptorState::default() };
    Some(paxos.step(&restarted, action))
}

/// `Phase2b` with another guard than that on the promise.
fn phase_2b(state: &State, action: &Action, allows: impl Fn(&AcceptorState) -> bool) -> Step {
    let Action::Phase2b { acc, bal, val } = *action else { return None };
    if !state.msgs.contains(&Message::TwoA { bal, val }) {
        return Some(Err(Disabled("there is no such 2a message")));
    }
    if !allows(state.acceptor(acc)) {
        return Some(Err(Disabled("the acceptor has not promised this ballot")));
    }
    let mut next = with(state, Message::TwoB { acc, bal, val });
    *next.acceptor_mut(acc) =
        AcceptorState { max_bal: Some(bal), max_vbal: Some(bal), max_val: Some(val) };
    Some(Ok(next))
}

/// Row X8: whatever the acceptor promised, it votes.
fn accept_ignores_promise(_: &Paxos, state: &State, action: &Action) -> Step {
    phase_2b(state, action, |_| true)
}

/// Row X9: an acceptor votes only in the very ballot that it promised.
fn rejects_newer_accept(_: &Paxos, state: &State, action: &Action) -> Step {
    let Action::Phase2b { bal, .. } = *action else { return None };
    phase_2b(state, action, |acceptor| acceptor.max_bal == Some(bal))
}

/// Row X10: a vote leaves `maxBal` as it was.
fn vote_is_no_promise(paxos: &Paxos, state: &State, action: &Action) -> Step {
    let Action::Phase2b { acc, .. } = *action else { return None };
    Some(paxos.step(state, action).map(|mut next| {
        next.acceptor_mut(acc).max_bal = state.acceptor(acc).max_bal;
        next
    }))
}
