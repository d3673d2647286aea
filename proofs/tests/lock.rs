//! The mutex: its real code on real threads, under shuttle and under loom, beside its model.

use bisim::sync::Kind;
use bisim_proofs::interleaving::{Lockstep, explore};
use bisim_proofs::lock::{MutexMapping, scenarios};

#[test]
fn each_copy_stands_on_its_own_types() {
    assert_eq!(bisim::sync::KIND, Kind::Std);
    assert_eq!(bisim_loom::sync::KIND, bisim_loom::sync::Kind::Loom);
    assert_eq!(bisim_shuttle::sync::KIND, bisim_shuttle::sync::Kind::Shuttle);
}

#[test]
fn every_execution_of_the_mutex_is_a_path_of_the_model() {
    for group in [scenarios::pairs(), scenarios::rounds(), scenarios::trios(3)] {
        let model = group.model();
        for scenario in &group.scenarios {
            let lockstep = Lockstep::new(MutexMapping, model.clone(), scenario.threads());
            let bounds = group.bounds(&Default::default());
            let seen =
                explore::<bisim_loom::lock::Mutex<u32>, _>(scenario, &bounds, None, lockstep);
            assert_eq!(seen.failure, None, "{scenario}");
            let tally = seen.witness.expect("no failed execution holds it").tally;
            let how = if seen.exhaustive { "exhaustive" } else { "bounded, not exhaustive" };
            println!(
                "loom {scenario}: {} executions, {how}, {} steps",
                tally.executions, tally.steps
            );
            assert_eq!(tally.executions, seen.executions, "{scenario}: each ran to its end");
            assert_eq!(seen.exhaustive, group.preemptions.is_none(), "{scenario}");
        }
    }
}
