//! The models of `paxos`: that each refines the one before, and that the known bugs are caught.

use std::sync::Arc;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::paxos::Constants;
use bisim_models::paxos::paxos::Paxos;
use bisim_models::paxos::voting::Voting;
use bisim_proofs::checker::{Classes, Options, Verdict, check};
use bisim_proofs::paxos::{
    IMPLEMENTATION_BUGS, MODEL_BUGS, PaxosChain, PaxosRefinesVoting, VotingChain,
};
use bisim_proofs::refinement::refine;
use bisim_proofs::registry::{
    Caught, ConformOptions, Conformance, Entry, Evidence, Hunt, HuntOptions,
};
use bisim_proofs::report::Subject;

/// Distinct states and depth of a complete run without a violation.
fn counts<S: Spec>(constants: &[(&str, u32)]) -> (u64, u32) {
    let standard = Params::preset(S::PARAMETERS, Preset::Standard);
    let params = constants.iter().fold(standard, |params, &(name, value)| params.with(name, value));
    let model = Arc::new(S::new(&params).expect("these constants make a model"));
    let classes = Classes::new(S::ACTIONS.iter().map(|class| class.name).collect(), S::class_of);
    let outcome = check(model, &classes, &Options::default());
    assert_eq!(outcome.verdict(), Verdict::Holds, "{} {constants:?}", S::NAME);
    (outcome.distinct, outcome.depth)
}

/// Counts at constants that are not published, from a search of its own over the text of
/// `Paxos.tla`, written in another language.
#[test]
fn the_model_of_paxos_has_the_counts_of_another_search() {
    let paxos = |acceptors, values, max_ballot| {
        counts::<Paxos>(&[("acceptors", acceptors), ("values", values), ("max_ballot", max_ballot)])
    };
    assert_eq!(paxos(1, 2, 2), (275, 13));
    assert_eq!(paxos(2, 2, 2), (1_501, 19));
    assert_eq!(paxos(4, 2, 1), (20_609, 21));
    assert_eq!(paxos(3, 3, 1), (6_801, 17));
}

fn entry(name: &str) -> Entry {
    bisim_proofs::paxos::entries()
        .into_iter()
        .find(|entry| entry.name() == name)
        .expect("it is a target of the folder")
}

/// Each model refines the one before and offers all that it allows, but for named exceptions.
#[test]
fn the_chain_holds() {
    let options = ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: 0,
        cases: 0,
        quick: false,
        interrupt: Arc::default(),
    };
    let chain: [&dyn Conformance; 2] = [&VotingChain, &PaxosChain];
    for report in chain.into_iter().flat_map(|link| link.conform(&options)) {
        assert_eq!(report.verdict, Verdict::Holds, "{} {report:?}", report.scope);
        assert!(report.exhaustive);
    }
}

/// Paxos reaches every state of voting: refined both ways, on whole states.
#[test]
fn paxos_reaches_all_of_voting() {
    let constants = Constants::new(3, 2, 1);
    let refined = refine(&PaxosRefinesVoting::new(constants), &Options::default());
    let (voting, _) = counts::<Voting>(&[("max_ballot", 1)]);
    assert_eq!(refined.image, voting);
    assert_eq!(refined.divergences, 0);
}

fn hunt(hunt: &Hunt, preset: Preset) -> Caught {
    (hunt.run)(&HuntOptions { preset, ..HuntOptions::default() })
}

/// Every bug of the model and of the implementation is caught by each piece of evidence set
/// against it, at the smallest bounds that show it, with a story that replays to the same verdict.
#[test]
fn the_bugs_are_caught() {
    let paxos = entry("paxos");
    for slug in MODEL_BUGS.iter().map(|bug| bug.slug).chain(IMPLEMENTATION_BUGS.map(|bug| bug.0)) {
        assert!(paxos.bugs.iter().any(|bug| bug.slug == slug), "{slug} is hunted");
    }
    for bug in &paxos.bugs {
        assert!(!bug.hunts.is_empty(), "{} is hunted", bug.slug);
        for set in &bug.hunts {
            let caught = hunt(set, set.from);
            assert!(caught.is_by(set), "{} {}: {}", bug.slug, set.evidence, caught.by);
            println!("{} {} {}: {}", bug.row, bug.slug, set.evidence, caught.by);
            let Some(trace) = &caught.trace else { continue };
            assert_eq!(trace.bug.as_deref(), Some(bug.slug));
            let replayed = match trace.subject {
                Subject::Model => {
                    let mut params = Params::preset(Paxos::PARAMETERS, set.from);
                    for (name, value) in &trace.params {
                        params = params.with(name, *value);
                    }
                    paxos.model.replay(&params, trace)
                }
                _ => paxos.conformance.as_ref().unwrap().replay(trace),
            };
            let replayed = replayed.unwrap();
            assert_eq!(replayed.verdict, Verdict::Violated, "{} {}", bug.slug, set.evidence);
            assert_eq!(replayed.story.len(), caught.story.as_ref().unwrap().len());
        }
    }
}

/// Row X1: with two ballots all reported votes are for one value, so that any will do.
#[test]
fn adopting_any_value_survives_two_ballots() {
    let paxos = entry("paxos");
    let bug = paxos.bugs.iter().find(|bug| bug.row == "X1").unwrap();
    for set in bug.hunts.iter().filter(|set| set.evidence == Evidence::Explored) {
        assert_eq!(set.from, Preset::Standard);
        let caught = hunt(set, Preset::Quick);
        assert!(!caught.caught, "{}", caught.by);
        assert_eq!(caught.by, "survives 3921 states");
    }
}
