//! Peterson's algorithm beside the abstract lock, on every edge.

use std::sync::Arc;

use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::classics::{PetersonChain, PetersonRefinesLock};
use bisim_proofs::refinement::refine;
use bisim_proofs::registry::{ConformOptions, Conformance, Evidence, HuntOptions, entries};

#[test]
fn peterson_refines_the_abstract_lock() {
    let interrupt = Arc::default();
    let options = ConformOptions {
        exhaustive: true,
        weaken: false,
        seed: 0,
        cases: 0,
        quick: false,
        interrupt,
    };
    for report in PetersonChain.conform(&options) {
        assert_eq!(report.verdict, Verdict::Holds, "{report:?}");
        assert!(report.exhaustive);
    }
}

/// The 42 states of the one stand for all 12 of the other, which are the published counts.
#[test]
fn peterson_reaches_all_of_the_abstract_lock() {
    let refined = refine(&PetersonRefinesLock::new(), &Options::default());
    assert_eq!((refined.states, refined.image, refined.divergences), (42, 12, 0));
    assert!(refined.stutters > 0, "flag and turn are no steps of the lock");
}

#[test]
fn each_mistake_shows_on_the_edges_and_is_replayed() {
    let entries = entries();
    let entry = entries.iter().find(|entry| entry.name() == "peterson").expect("it is there");
    let mut hunted = 0;
    for bug in &entry.bugs {
        for hunt in bug.hunts.iter().filter(|hunt| hunt.evidence != Evidence::Explored) {
            let caught = (hunt.run)(&HuntOptions::default());
            assert!(caught.is_by(hunt), "{}: {}", bug.slug, caught.by);
            println!("{} {}: {}", bug.slug, hunt.evidence, caught.by);
            let trace = caught.trace.expect("what is caught on an edge has a trace");
            let replayed = PetersonChain.replay(&trace).expect("nothing has changed");
            assert_eq!(replayed.verdict, Verdict::Violated, "{}", bug.slug);
            hunted += 1;
        }
    }
    assert_eq!(hunted, 4, "each mistake of the model");
}
