//! What a check is asked, and what it answers.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stateright::Expectation;

/// Which search explores the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// The suite's own level-synchronous breadth-first search.
    #[default]
    Bisim,
    /// Stateright's breadth-first search.
    StaterightBfs,
    /// Stateright's depth-first search.
    StaterightDfs,
}

/// What a check is asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// The search.
    pub engine: Engine,
    /// Worker threads, at least 1.
    pub workers: usize,
    /// Stop after this many distinct states.
    pub max_states: Option<u64>,
    /// Explore no state deeper than this; an initial state has depth 1.
    pub max_depth: Option<u32>,
    /// Explore everything, also after a violation.
    pub keep_going: bool,
    /// Set from outside to end the run with a partial verdict.
    pub interrupt: Arc<AtomicBool>,
    /// Print a line of progress on stderr every second or so.
    pub progress: bool,
    /// Decide the liveness properties too; without, they are left out of the outcome.
    pub liveness: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            workers: 1,
            max_states: None,
            max_depth: None,
            keep_going: false,
            interrupt: Arc::default(),
            progress: false,
            liveness: true,
        }
    }
}

/// The verdict on a target, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No violation within the bounds; everything was explored and every action was taken.
    Holds,
    /// An action was never enabled, or a `sometimes` was never reached.
    Vacuous,
    /// The search was cut before it had seen everything.
    Truncated,
    /// A property is violated, or an implementation diverges from its model.
    Violated,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds => "holds",
            Self::Vacuous => "vacuous",
            Self::Truncated => "truncated",
            Self::Violated => "violated",
        })
    }
}

/// What cut a search short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// `max_states` distinct states were reached, and there are more.
    States,
    /// States deeper than `max_depth` exist.
    Depth,
    /// The user interrupted the run.
    Interrupt,
    /// The search stopped after the level of the first violation.
    Violation,
}

/// The verdict on one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PropertyVerdict {
    /// `always`, or what must happen: nothing that was explored violates it.
    Holds,
    /// The story ends in a state that violates an `always`, or goes on for ever without what must
    /// happen.
    Violated,
    /// `sometimes`: the story ends in a state where it holds.
    Reached,
    /// `sometimes`: no explored state reaches it.
    Unreached,
}

impl PropertyVerdict {
    /// The verdict, given whether the violation or the witness that was looked for was found.
    pub fn of(expectation: &Expectation, found: bool) -> Self {
        match (expectation, found) {
            (Expectation::Sometimes, true) => Self::Reached,
            (Expectation::Sometimes, false) => Self::Unreached,
            (_, true) => Self::Violated,
            (_, false) => Self::Holds,
        }
    }
}

/// A path of the model: an initial state, and the steps from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story<S, A> {
    /// The initial state.
    pub initial: S,
    /// Each action with the state it leads to.
    pub steps: Vec<(A, S)>,
}

impl<S, A> Story<S, A> {
    /// The state in which the story ends.
    pub fn last(&self) -> &S {
        self.steps.last().map_or(&self.initial, |(_, state)| state)
    }
}

/// What a check says of one property.
#[derive(Clone, Debug)]
pub struct PropertyOutcome<S, A> {
    /// The property's name.
    pub name: &'static str,
    /// The kind in words: `always`, `sometimes`, `eventually`, `always eventually`, `leads to`.
    pub kind: &'static str,
    /// For a liveness property, the fairness under which it is claimed, in words.
    pub fairness: Option<String>,
    /// `always` or `sometimes`; `eventually` for all that must happen.
    pub expectation: Expectation,
    /// The verdict.
    pub verdict: PropertyVerdict,
    /// The shortest path to a violation of an `always`, or to a witness of a `sometimes`; for a
    /// liveness property, the path to what goes on for ever.
    pub story: Option<Story<S, A>>,
    /// What goes on for ever after the story of a liveness property: steps that lead back to where
    /// the story ends; none, if the story's last state stays.
    pub cycle: Option<Vec<(A, S)>>,
}

impl<S, A> PropertyOutcome<S, A> {
    /// The outcome for a property of states or of steps, without its story.
    pub(super) fn of(name: &'static str, expectation: &Expectation, found: bool) -> Self {
        Self {
            name,
            kind: match expectation {
                Expectation::Always => "always",
                Expectation::Sometimes => "sometimes",
                Expectation::Eventually => "eventually",
            },
            fairness: None,
            expectation: expectation.clone(),
            verdict: PropertyVerdict::of(expectation, found),
            story: None,
            cycle: None,
        }
    }
}

/// The graph that the liveness properties were decided on. Its states are the distinct ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphFigures {
    /// The steps that change the state, where several of one kind between the same states are one.
    pub edges: u64,
    /// How long it took to build the graph and to decide the properties.
    pub elapsed: Duration,
    /// Whether steps lead out of the model's boundary: what comes of them is not part of the graph.
    pub left_boundary: bool,
}

/// How often the actions of one class were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ActionCount {
    /// The name of the class.
    pub name: &'static str,
    /// The number of transitions.
    pub taken: u64,
}

/// What a check answers.
#[derive(Clone, Debug)]
pub struct Outcome<S, A> {
    /// Distinct states within the boundary.
    pub distinct: u64,
    /// Initial states and transitions generated.
    pub generated: u64,
    /// The length, in states, of the longest of the shortest paths; an initial state has depth 1.
    pub depth: u32,
    /// What cut the search, if anything did.
    pub cut: Option<Cut>,
    /// Each property: of states, of steps, and what must happen, each in the model's order.
    pub properties: Vec<PropertyOutcome<S, A>>,
    /// What liveness was decided on, if it was.
    pub graph: Option<GraphFigures>,
    /// Each class of actions, in the model's order.
    pub actions: Vec<ActionCount>,
    /// The search that answered.
    pub engine: Engine,
    /// Its worker threads.
    pub workers: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// The most memory that the search held, in bytes (0 where the system does not tell).
    pub peak_bytes: u64,
    /// The probability that two of the distinct states share a fingerprint, so that one was
    /// left out: at most n^2 / 2^65 for n states.
    pub omission_probability: f64,
}

impl<S, A> Outcome<S, A> {
    /// Leaves out classes of actions, by their index: those for which there is no room.
    pub fn leave_out(&mut self, out: impl Fn(usize) -> bool) {
        let mut class = 0..;
        self.actions.retain(|_| !class.next().is_some_and(&out));
    }

    /// Whether every reachable state was explored.
    pub fn complete(&self) -> bool {
        self.cut.is_none()
    }

    /// The verdict on the whole: the worst thing that was seen. In a run that was cut, what was
    /// not reached does not count as vacuous.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.properties.iter().any(|p| p.verdict == verdict);
        if any(PropertyVerdict::Violated) {
            Verdict::Violated
        } else if self.cut.is_some() {
            Verdict::Truncated
        } else if any(PropertyVerdict::Unreached) || self.actions.iter().any(|a| a.taken == 0) {
            Verdict::Vacuous
        } else {
            Verdict::Holds
        }
    }
}
