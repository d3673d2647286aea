//! The model of Raft: what is reached, what the extensions keep, and that the bugs are caught.

use bisim_models::common::{Params, Preset};
use bisim_proofs::checker::{Options, PropertyVerdict, Verdict};
use bisim_proofs::raft::MODEL_BUGS;
use bisim_proofs::registry::{CheckReport, Entry, Evidence, HuntOptions};

fn raft() -> Entry {
    bisim_proofs::raft::entries().into_iter().next().expect("the folder has one target")
}

fn params(constants: &[(&str, u32)]) -> Params {
    let quick = Params::preset(raft().model.parameters(), Preset::Quick);
    constants.iter().fold(quick, |params, &(name, value)| params.with(name, value))
}

fn run(constants: &[(&str, u32)]) -> CheckReport {
    let options = Options { workers: 2, ..Options::default() };
    let report =
        raft().model.check(&params(constants), None, &options).expect("these make a model");
    assert!(report.cut.is_none(), "{constants:?} is explored to the end");
    report
}

/// Three servers: an entry is overwritten, a new leader keeps what is committed, and what a server
/// holds to be committed goes backwards, with and without history.
#[test]
fn figure_8_reaches_everything() {
    for (history, distinct, depth) in [(0, 230_536, 51), (1, 237_636, 51)] {
        let constants = [("servers", 3), ("max_term", 4), ("max_log", 1), ("start", 2)];
        let report = run(&[constants.as_slice(), &[("history", history)]].concat());
        assert_eq!(report.verdict, Verdict::Holds);
        assert_eq!((report.distinct, report.depth), (distinct, depth), "history {history}");
        for name in ["an overwritten entry", "a leader change keeps a committed entry"] {
            let reached = report.properties.iter().find(|property| property.name == name);
            assert_eq!(reached.expect(name).verdict, PropertyVerdict::Reached, "{name}");
        }
    }
}

/// A scenario needs its servers and terms; the error says which.
#[test]
fn a_scenario_lies_within_the_bounds() {
    let refused = raft().model.check(&params(&[("start", 1)]), None, &Options::default());
    let why = refused.expect_err("two servers are no figure 8").to_string();
    assert!(why.contains("servers is 3") && why.contains("max_term 5"), "{why}");
}

/// With the extensions, each alone and all together, the properties hold; when hardened, nothing
/// goes backwards.
#[test]
fn the_extensions_are_safe() {
    let base = [("max_term", 2), ("max_log", 2), ("max_msgs", 2)];
    let extensions = [("max_entries", 2), ("step_down", 1), ("free_next", 1), ("hardened", 1)];
    for on in extensions.iter().map(std::slice::from_ref).chain([extensions.as_slice()]) {
        let report = run(&[base.as_slice(), on].concat());
        assert_eq!(report.verdict, Verdict::Holds, "{on:?} {:?}", report.properties);
        println!("{on:?}: {} states, depth {}", report.distinct, report.depth);
        let hardened = on.contains(&("hardened", 1));
        let backwards = |name: &str| report.properties.iter().any(|p| p.name == name);
        assert_eq!(backwards("commitIndex never decreases"), hardened);
        assert_eq!(backwards("commitIndex decreases"), !hardened);
        assert_eq!(
            report.actions.len(),
            10 + on.iter().filter(|(n, _)| n.contains('_')).count()
                - usize::from(on.contains(&("max_entries", 2)))
        );
    }
}

/// Every bug of the model is caught by each hunt with the property that is meant for it, and its
/// story replays to the same verdict. Every property is broken by one of them.
#[test]
fn the_bugs_are_caught() {
    let raft = raft();
    let mut broken = Vec::new();
    for slug in MODEL_BUGS.map(|bug| bug.slug) {
        assert!(raft.bugs.iter().any(|bug| bug.slug == slug), "{slug} is hunted");
    }
    for bug in &raft.bugs {
        for hunt in bug.hunts.iter().filter(|hunt| hunt.evidence == Evidence::Explored) {
            let caught = (hunt.run)(&HuntOptions { preset: hunt.from, ..HuntOptions::default() });
            assert!(caught.is_by(hunt), "{}: {}", bug.slug, caught.by);
            let story = caught.story.expect("a violation has a story");
            println!("{:<4} {} · {} steps · {}", bug.row, bug.slug, story.len(), caught.by);
            let trace = caught.trace.expect("a violation has a trace");
            let of_preset = Params::preset(raft.model.parameters(), hunt.from);
            let values = trace.params.iter();
            let params = values.fold(of_preset, |params, (name, value)| params.with(name, *value));
            let replayed = raft.model.replay(&params, &trace).expect("the trace applies");
            assert_eq!(replayed.verdict, Verdict::Violated, "{}", bug.slug);
            assert_eq!(replayed.story.len(), story.len());
            // Without the bug, the same story does not come to its end, or to a harmless one.
            let honest = raft
                .model
                .replay(&params, &bisim_proofs::report::Trace { bug: None, ..trace.clone() });
            assert!(honest.is_err(), "{}: the right algorithm does this too", bug.slug);
            assert!(bug.row != "T1" || story.len() <= 8, "T1 takes {} steps", story.len());
            broken.push(trace.property);
        }
    }
    for law in raft.model.laws() {
        let counted = law.kind != "always" || broken.iter().any(|b| b == law.name);
        assert!(counted, "no bug breaks {}", law.name);
    }
}

/// Row T9: the story is that of Figure 8. (c) S1 replicates its old entry to S2 and commits it by
/// counting; (d) S5 is elected with the vote of S2.
#[test]
fn committing_an_old_term_is_figure_8() {
    let raft = raft();
    let bug = raft.bugs.iter().find(|bug| bug.row == "T9").expect("it is hunted");
    let caught = (bug.hunts[0].run)(&HuntOptions::default());
    let steps = caught.trace.expect("it is caught").steps;
    let place = |what: serde_json::Value| steps.iter().position(|step| *step == what);
    let sent = place(serde_json::json!({"AppendEntries": {"i": 0, "j": 1, "entries": 1}}));
    let committed = place(serde_json::json!({"AdvanceCommitIndex": {"i": 0}}));
    let elected = place(serde_json::json!({"BecomeLeader": {"i": 2}}));
    assert!(sent.is_some() && sent < committed && committed.is_some() && elected.is_some());
}
