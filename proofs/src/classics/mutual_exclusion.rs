//! The bugs of the published algorithms for mutual exclusion, which are described in
//! `models/src/classics/mutual_exclusion/README.md`.

use bisim_models::classics::mutual_exclusion::abstract_lock::{self, AbstractLock};
use bisim_models::classics::mutual_exclusion::bakery::{self, Bakery};
use bisim_models::classics::mutual_exclusion::dijkstra::DijkstraMutex;
use bisim_models::classics::mutual_exclusion::lamport::{self, LamportMutex, Message};
use bisim_models::classics::mutual_exclusion::readers_writers::{self, ReadersWriters, Wants};
use bisim_models::common::{Disabled, Sequence, SmallSet, Spec};

use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget};

/// The targets of this folder.
pub(super) fn entries() -> Vec<Entry> {
    vec![abstract_lock(), dijkstra(), bakery(), lamport(), readers_writers()]
}

/// A target of this folder: its file and its bugs.
fn entry<S: Spec>(
    (title, papers, files): (&'static str, &'static [&'static str], &'static [&'static str]),
    seeded: &[ModelBug<S>],
    bugs: Vec<Bug>,
) -> Entry {
    Entry {
        folder: "classics",
        title,
        papers,
        files,
        model: SpecTarget::boxed(seeded),
        conformance: None,
        simulation: None,
        bugs,
        deferred: &[],
    }
}

/// A bug that one property is known to catch.
fn bug<S: Spec>(
    row: &'static str,
    bug: ModelBug<S>,
    (title, source): (&'static str, &'static str),
    property: &'static str,
) -> Bug {
    Bug::new(row, bug.slug, title, source).hunted_by(|_| vec![Hunt::against(bug, property)])
}

fn abstract_lock() -> Entry {
    let what = (
        "what every lock is",
        &["Dijkstra, CACM 8(9), 1965", "tlaplus/Examples, locks_auxiliary_vars/Lock.tla"][..],
        &[
            "models/src/classics/mutual_exclusion/abstract_lock.rs",
            "proofs/src/classics/mutual_exclusion.rs",
        ][..],
    );
    let said = ("test and set are two steps", "Dijkstra 1965; Lock.tla, where l1 is one step");
    let bugs = vec![bug("L1", TEST_THEN_SET, said, "mutual exclusion")];
    entry(what, &[TEST_THEN_SET], bugs)
}

fn dijkstra() -> Entry {
    let what = (
        "mutual exclusion with shared variables, the first for any number of processes",
        &["Dijkstra, CACM 8(9), 1965", "tlaplus/Examples, dijkstra-mutex/DijkstraMutex.tla"][..],
        &[
            "models/src/classics/mutual_exclusion/dijkstra.rs",
            "proofs/src/classics/mutual_exclusion.rs",
        ][..],
    );
    entry::<DijkstraMutex>(what, &[], Vec::new())
}

fn bakery() -> Entry {
    let what = (
        "mutual exclusion by numbers, without atomic variables",
        &["Lamport, CACM 17(8), 1974", "tlaplus/Examples, Bakery-Boulangerie/Bakery.tla"][..],
        &[
            "models/src/classics/mutual_exclusion/bakery.rs",
            "proofs/src/classics/mutual_exclusion.rs",
        ][..],
    );
    let bugs = vec![
        bug(
            "L6",
            NO_CHOOSING,
            ("nobody waits for a number that is being drawn", "Lamport 1974: choosing"),
            "mutual exclusion",
        ),
        bug(
            "L7",
            NO_TIE_BREAK,
            ("numbers are compared without names", "Lamport 1974: (number[j], j)"),
            "mutual exclusion",
        ),
    ];
    entry(what, &[NO_CHOOSING, NO_TIE_BREAK], bugs)
}

fn lamport() -> Entry {
    let what = (
        "mutual exclusion by messages and logical clocks",
        &["Lamport, CACM 21(7), 1978", "tlaplus/Examples, lamport_mutex/LamportMutex.tla"][..],
        &[
            "models/src/classics/mutual_exclusion/lamport.rs",
            "proofs/src/classics/mutual_exclusion.rs",
        ][..],
    );
    let bugs = vec![
        bug(
            "L9",
            EAGER_ENTRY,
            ("a process enters before all have confirmed", "Lamport 1978, rule 5"),
            "Mutex",
        ),
        bug(
            "L10",
            NOT_FIFO,
            (
                "a confirmation overtakes an earlier request",
                "Lamport 1978: messages are received in the order in which they were sent",
            ),
            "Mutex",
        ),
        bug(
            "L11",
            TIED_REQUESTS,
            ("two requests of the same time both go first", "LamportMutex.tla, beats"),
            "Mutex",
        ),
    ];
    entry(what, &[EAGER_ENTRY, NOT_FIFO, TIED_REQUESTS], bugs)
}

fn readers_writers() -> Entry {
    let what = (
        "readers and writers, served in turn",
        &[
            "Courtois, Heymans & Parnas, CACM 14(10), 1971",
            "tlaplus/Examples, ReadersWriters/ReadersWriters.tla",
        ][..],
        &[
            "models/src/classics/mutual_exclusion/readers_writers.rs",
            "proofs/src/classics/mutual_exclusion.rs",
        ][..],
    );
    let said = ("a writer looks for writers only", "ReadersWriters.tla, the guard of Write");
    let bugs = vec![bug("R12", WRITES_BESIDE_READERS, said, "Safety")];
    entry(what, &[WRITES_BESIDE_READERS], bugs)
}

/// `await l = 1`, and in another step `l := 0`. The memory has one bit for each process that has
/// seen the lock free.
const TEST_THEN_SET: ModelBug<AbstractLock> = ModelBug {
    slug: "classics/test-then-set",
    step: |_, state, action, memory| {
        let &abstract_lock::Action::L1(process) = action else { return None };
        let seen = 1 << process;
        let here = state.pc[usize::from(process)] == abstract_lock::Pc::L1;
        Some(match (here, memory & seen != 0) {
            (false, _) => Err(Disabled("the process is at another label")),
            (true, true) => {
                let mut next = state.clone();
                next.lock = false;
                next.pc[usize::from(process)] = abstract_lock::Pc::Cs;
                Ok((next, memory & !seen))
            }
            (true, false) if state.lock => Ok((state.clone(), memory | seen)),
            (true, false) => Err(Disabled("the lock is taken")),
        })
    },
    candidates: |_, _, _, _| {},
};

/// `w1` without `await ~ flag[nxt]`.
const NO_CHOOSING: ModelBug<Bakery> = ModelBug {
    slug: "classics/no-choosing",
    step: |model, state, action, memory| match *action {
        bakery::Action::W1(_, Some(other)) if other != action.process() => {
            let mut unseen = state.clone();
            let flag = std::mem::replace(&mut unseen[usize::from(other)].flag, false);
            Some(model.step(&unseen, action).map(|mut next| {
                next[usize::from(other)].flag = flag;
                (next, memory)
            }))
        }
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// `w2` with `num[self] <= num[nxt]` in place of the comparison of pairs.
const NO_TIE_BREAK: ModelBug<Bakery> = ModelBug {
    slug: "classics/no-tie-break",
    step: |_, state, action, memory| {
        let &bakery::Action::W2(process) = action else { return None };
        let me = state[usize::from(process)];
        let other = state[usize::from(me.nxt)].num;
        if me.pc != bakery::Pc::W2 || (other != 0 && me.num > other) {
            return Some(Err(Disabled("the other goes first")));
        }
        let mut next = state.clone();
        let changed = &mut next[usize::from(process)];
        changed.unchecked = me.unchecked.without(me.nxt.into());
        changed.pc = bakery::Pc::W1;
        Some(Ok((next, memory)))
    },
    candidates: |_, _, _, _| {},
};

/// `Enter` without `ack[p] = Proc`: its own confirmation, and that it has asked, are enough.
const EAGER_ENTRY: ModelBug<LamportMutex> = ModelBug {
    slug: "classics/eager-entry",
    step: |model, state, action, memory| {
        let &lamport::Action::Enter { p } = action else { return None };
        let p = usize::from(p);
        if state.req[p][p] == 0 {
            return Some(Err(Disabled("the process has not asked")));
        }
        let mut confirmed = state.clone();
        confirmed.ack[p] = SmallSet::below(state.clock.len());
        Some(model.step(&confirmed, action).map(|mut next| {
            next.ack[p] = state.ack[p];
            (next, memory)
        }))
    },
    candidates: |_, _, _, _| {},
};

/// The first confirmation in a channel is received, whatever was sent before it: also a request
/// that goes first.
const NOT_FIFO: ModelBug<LamportMutex> = ModelBug {
    slug: "classics/not-fifo",
    step: |_, state, action, memory| {
        let &lamport::Action::ReceiveAck { p, q } = action else { return None };
        let (p, q) = (usize::from(p), usize::from(q));
        let channel = &state.network[q][p];
        let Some(place) = channel.iter().position(|message| *message == Message::Ack) else {
            return Some(Err(Disabled("there is no confirmation")));
        };
        let rest = channel.iter().enumerate().filter(|(at, _)| *at != place);
        let rest: Sequence<_, 4> = rest.map(|(_, message)| *message).collect();
        let mut next = state.clone();
        next.network[q][p] = rest;
        next.ack[p] = state.ack[p].with(q);
        Some(Ok((next, memory)))
    },
    candidates: |_, state, _, actions| {
        let processes = 0..state.clock.len() as u8;
        let pairs = processes.clone().flat_map(|p| processes.clone().map(move |q| (p, q)));
        actions.extend(pairs.map(|(p, q)| lamport::Action::ReceiveAck { p, q }));
    },
};

/// `beats` without the comparison of names: equal times are good enough.
const TIED_REQUESTS: ModelBug<LamportMutex> = ModelBug {
    slug: "classics/tied-requests",
    step: |model, state, action, memory| {
        let &lamport::Action::Enter { p } = action else { return None };
        let p = usize::from(p);
        let mut untied = state.clone();
        let own = state.req[p][p];
        untied.req[p].iter_mut().filter(|time| **time == own).for_each(|time| *time = 0);
        untied.req[p][p] = own;
        Some(model.step(&untied, action).map(|mut next| {
            next.req = state.req.clone();
            (next, memory)
        }))
    },
    candidates: |_, _, _, _| {},
};

/// `Write` without `readers = {}`.
const WRITES_BESIDE_READERS: ModelBug<ReadersWriters> = ModelBug {
    slug: "classics/writes-beside-readers",
    step: |_, state, action, memory| {
        let (Some(&(Wants::Write, actor)), readers_writers::Action::ReadOrWrite) =
            (state.waiting.iter().next(), action)
        else {
            return None;
        };
        if !state.writers.is_empty() {
            return Some(Err(Disabled("somebody writes")));
        }
        let mut next = state.clone();
        next.writers = state.writers.with(actor.into());
        next.waiting = state.waiting.iter().skip(1).copied().collect();
        Some(Ok((next, memory)))
    },
    candidates: |_, _, _, _| {},
};
