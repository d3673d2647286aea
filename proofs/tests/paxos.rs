//! The models of `paxos`: their counts, and that each refines the one before.

use std::sync::Arc;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::paxos::consensus::Consensus;
use bisim_models::paxos::paxos::Paxos;
use bisim_models::paxos::voting::Voting;
use bisim_proofs::checker::{Classes, Options, Verdict, check};

/// Distinct states and depth of a complete run without a violation.
fn counts<S: Spec>(constants: &[(&str, u32)]) -> (u64, u32) {
    let standard = Params::preset(S::PARAMETERS, Preset::Standard);
    let params = constants.iter().fold(standard, |params, &(name, value)| params.with(name, value));
    let model = Arc::new(S::new(&params).unwrap());
    let classes = Classes::new(S::ACTIONS.iter().map(|class| class.name).collect(), S::class_of);
    let outcome = check(model, &classes, &Options::default());
    assert_eq!(outcome.verdict(), Verdict::Holds, "{} {constants:?}", S::NAME);
    (outcome.distinct, outcome.depth)
}

/// The counts that TLC reports for the published specifications (tlaplus/Examples,
/// `PaxosHowToWinATuringAward/manifest.json`; the one with a single value from a run of TLC).
#[test]
fn the_models_have_the_published_counts() {
    assert_eq!(counts::<Consensus>(&[("values", 3)]), (4, 2));
    let three = [("acceptors", 3), ("values", 2), ("max_ballot", 2)];
    assert_eq!(counts::<Voting>(&three), (6_752, 16));
    let tiny = [("acceptors", 3), ("values", 2), ("max_ballot", 1)];
    assert_eq!(counts::<Paxos>(&tiny), (3_921, 17));
    let one_value = [("acceptors", 3), ("values", 1), ("max_ballot", 1)];
    assert_eq!(counts::<Paxos>(&one_value), (1_681, 17));
}
