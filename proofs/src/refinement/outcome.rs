//! What the check of a refinement answers.

use std::fmt;
use std::time::Duration;

use super::{ConcreteAction, ConcreteState};
use crate::checker::{ActionCount, Cut, Story, Verdict};

/// The ways in which a refinement fails. Each is a check of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The image of an initial state is no initial state of the model.
    Initial,
    /// An edge without a label changes the image.
    SilentChange,
    /// An edge names a step that the model does not allow there.
    Disabled,
    /// The steps that an edge names lead to another state than the image of its end.
    WrongEnd,
    /// A cycle of the system consists of stutters alone.
    StutterCycle,
    /// This `always` of the concrete system is violated.
    Property(&'static str),
    /// The model allows an action, and the system never offers it.
    Missing,
    /// An action that the system does not offer belongs to several exception classes.
    Ambiguous,
    /// An exception class matches nothing.
    IdleException,
}

impl Failure {
    /// The failures that a trace can show, but for properties, which go by their own names.
    pub(super) const OF_A_TRACE: [Self; 7] = [
        Self::Initial,
        Self::SilentChange,
        Self::Disabled,
        Self::WrongEnd,
        Self::StutterCycle,
        Self::Missing,
        Self::Ambiguous,
    ];

    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Initial => "initial state",
            Self::SilentChange => "silent change",
            Self::Disabled => "disabled step",
            Self::WrongEnd => "wrong end",
            Self::StutterCycle => "stutter cycle",
            Self::Property(name) => name,
            Self::Missing => "missing action",
            Self::Ambiguous => "ambiguous exception",
            Self::IdleException => "idle exception",
        }
    }

    /// Whether it is a failure in what the system leaves out, not in what it does.
    pub fn is_gap(self) -> bool {
        matches!(self, Self::Missing | Self::Ambiguous | Self::IdleException)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The first failure that was found, with the path that leads to it.
#[derive(Clone, Debug)]
pub struct Divergence<S, A> {
    /// The check that failed.
    pub failure: Failure,
    /// What the system did, and what the model allows there.
    pub explanation: String,
    /// The shortest path to the failure; the last step is the edge that fails. Empty for an
    /// exception that matches nothing.
    pub story: Option<Story<S, A>>,
    /// How the path goes on for ever after the story, if the failure is a cycle.
    pub cycle: Vec<(A, S)>,
}

/// How much of one exception class was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionCount {
    /// The name of the class.
    pub name: &'static str,
    /// Its reason.
    pub reason: &'static str,
    /// The missing pairs that belong to it alone.
    pub pairs: u64,
}

/// The reverse direction, pointwise: what the model allows in the image of each state, and what
/// the system offers of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Pairs of a concrete state and an abstract action that would change its image.
    pub pairs: u64,
    /// Pairs in which an edge of the state takes the action.
    pub at_once: u64,
    /// Pairs in which the action is offered after some stutters.
    pub after_stutters: u64,
    /// Missing pairs, by the one exception class that they belong to.
    pub excepted: Vec<ExceptionCount>,
    /// Missing pairs that belong to no exception class.
    pub unexplained: u64,
    /// Missing pairs that belong to several exception classes.
    pub ambiguous: u64,
}

impl Coverage {
    /// The pairs that the system offers.
    pub fn covered(&self) -> u64 {
        self.at_once + self.after_stutters
    }
}

/// What the check of a refinement answers.
#[derive(Clone, Debug)]
pub struct Refined<S, A> {
    /// Distinct concrete states.
    pub states: u64,
    /// The length, in states, of the longest of the shortest paths.
    pub depth: u32,
    /// Edges checked: all but those without a label that lead back to where they start.
    pub edges: u64,
    /// Edges without a label.
    pub stutters: u64,
    /// Abstract steps that the other edges name.
    pub steps: u64,
    /// The same by class of abstract actions.
    pub actions: Vec<ActionCount>,
    /// Distinct abstract states in the image.
    pub image: u64,
    /// Edges and initial states that fail, and cycles of stutters.
    pub divergences: u64,
    /// Concrete states that violate an `always` of the concrete system.
    pub violations: u64,
    /// The reverse direction.
    pub coverage: Coverage,
    /// The first violation of an `always` of the concrete system.
    pub violation: Option<Divergence<S, A>>,
    /// The first failure in what the system does.
    pub divergence: Option<Divergence<S, A>>,
    /// The first failure in what the system leaves out.
    pub gap: Option<Divergence<S, A>>,
    /// What is vacuous: each `sometimes` of the concrete system that is not reached, and each
    /// class of abstract actions that is neither taken nor allowed anywhere.
    pub vacuous: Vec<String>,
    /// What cut the search, if anything did.
    pub cut: Option<Cut>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A path of the concrete system of a refinement `R`.
pub type RefinedStory<R> = Story<ConcreteState<R>, ConcreteAction<R>>;

/// What [`refine`](super::refine) answers for a refinement `R`.
pub type RefinedOf<R> = Refined<ConcreteState<R>, ConcreteAction<R>>;

impl<S, A> Refined<S, A> {
    /// Nothing seen yet, of these classes of abstract actions.
    pub(super) fn new(classes: impl Iterator<Item = &'static str>) -> Self {
        Self {
            states: 0,
            depth: 0,
            edges: 0,
            stutters: 0,
            steps: 0,
            actions: classes.map(|name| ActionCount { name, taken: 0 }).collect(),
            image: 0,
            divergences: 0,
            violations: 0,
            coverage: Coverage::default(),
            violation: None,
            divergence: None,
            gap: None,
            vacuous: Vec::new(),
            cut: None,
            elapsed: Duration::ZERO,
        }
    }

    /// Whether each step of the system is one that the model allows, and the system's own
    /// properties hold.
    pub fn refined(&self) -> Verdict {
        self.verdict_with(self.divergence.is_some() || self.violation.is_some())
    }

    /// Whether the system offers each step that the model allows, but for named exceptions. In a
    /// search that was cut, a step may be offered by what was not seen.
    pub fn covered(&self) -> Verdict {
        self.verdict_with(self.gap.is_some())
    }

    fn verdict_with(&self, failed: bool) -> Verdict {
        if failed {
            Verdict::Violated
        } else if self.cut.is_some() {
            Verdict::Truncated
        } else if !self.vacuous.is_empty() {
            Verdict::Vacuous
        } else {
            Verdict::Holds
        }
    }
}
