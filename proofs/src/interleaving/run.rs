//! A run as a value: what a trace file needs to run it again.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Bounds, Choices, Failure, Scenario};
use crate::checker::Verdict;
use crate::report::{Replayed, StoryDoc, Subject, Trace, TraceError, to_value};

/// The most calls of a thread: what the models have room for.
const MOST_CALLS: usize = 4;

/// What threads are to do.
pub trait Script: Clone + Serialize + DeserializeOwned {
    /// The number of threads.
    fn threads(&self) -> usize;

    /// The most calls that one thread makes.
    fn rounds(&self) -> usize;
}

impl Script for Scenario {
    fn threads(&self) -> usize {
        self.calls.len()
    }

    fn rounds(&self) -> usize {
        self.calls.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// What ran, and how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run<S = Scenario> {
    /// The calls of each thread, and what they are made on.
    #[serde(flatten)]
    pub script: S,
    /// Which interleavings.
    pub schedule: Schedule,
}

/// Which interleavings of a scenario ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// Those of loom, in its order, up to this execution.
    Explored {
        /// The bound on preemptions.
        preemptions: Option<usize>,
        /// The number of the execution that failed.
        execution: u64,
    },
    /// The one that the choices make, under shuttle.
    Chosen(Vec<u8>),
}

impl<S: Script> Run<S> {
    /// The run of loom that ended in a failure.
    pub fn explored<E>(script: &S, bounds: &Bounds, failure: &Failure<E>) -> Self {
        let execution = failure.execution;
        let schedule = Schedule::Explored { preemptions: bounds.preemptions, execution };
        Self { script: script.clone(), schedule }
    }

    /// The one run of shuttle.
    pub fn chosen(script: &S, choices: &Choices) -> Self {
        let schedule = Schedule::Chosen(choices.0.clone());
        Self { script: script.clone(), schedule }
    }

    /// What a trace of this run says that it is of.
    fn subject(&self) -> Subject {
        match self.schedule {
            Schedule::Explored { .. } => Subject::Interleaving,
            Schedule::Chosen(_) => Subject::Implementation,
        }
    }

    /// The failed run as a trace.
    pub fn trace<E: Serialize>(
        &self,
        target: &str,
        bug: Option<&str>,
        failure: &Failure<E>,
    ) -> Trace {
        Trace {
            schema: Trace::SCHEMA,
            target: target.to_owned(),
            subject: self.subject(),
            params: Default::default(),
            bug: bug.map(str::to_owned),
            property: failure.check().to_owned(),
            verdict: Verdict::Violated,
            initial: to_value(self),
            steps: failure.events.iter().map(to_value).collect(),
            last: to_value(&failure.what),
            cycle: None,
        }
    }

    /// The run that a trace is of.
    ///
    /// # Errors
    /// When the trace's initial state is not a run, or is one that no explorer would make.
    pub fn of(trace: &Trace) -> Result<Self, TraceError> {
        let run: Self = serde_json::from_value(trace.initial.clone())
            .map_err(|why| stale(&format!("the run cannot be read: {why}")))?;
        if run.subject() != trace.subject {
            return Err(stale("its subject is not what its schedule is for"));
        }
        let threads = run.script.threads();
        if threads == 0 || threads >= loom::MAX_THREADS {
            return Err(stale(&format!("{threads} threads are not what an explorer runs")));
        }
        let calls = run.script.rounds();
        if calls == 0 || calls > MOST_CALLS {
            return Err(stale(&format!("{calls} calls of a thread are not what an explorer runs")));
        }
        if let Schedule::Explored { preemptions, execution } = run.schedule {
            if execution == 0 || execution > Bounds::default().executions {
                return Err(stale(&format!("an explorer comes to no execution {execution}")));
            }
            // What loom can count.
            if preemptions.is_some_and(|most| u8::try_from(most).is_err()) {
                return Err(stale("an explorer does not bound preemptions so high"));
            }
        }
        Ok(run)
    }
}

/// Compares what a run did this time with what its trace says.
///
/// # Errors
/// When it does not fail any more, fails otherwise, or takes other steps on the way.
pub fn replayed<E: DeserializeOwned + PartialEq>(
    trace: &Trace,
    failure: Option<Failure<E>>,
    story: impl FnOnce(&[E]) -> StoryDoc,
) -> Result<Replayed, TraceError> {
    let failure = failure.ok_or_else(|| stale("the run does not fail any more"))?;
    if to_value(&failure.what) != trace.last {
        return Err(stale(&format!("the run now fails otherwise: {}", failure.what)));
    }
    let steps: Vec<E> = trace
        .steps
        .iter()
        .map(|step| serde_json::from_value(step.clone()))
        .collect::<Result<_, _>>()
        .map_err(|why| stale(&format!("a step cannot be read: {why}")))?;
    if steps != failure.events {
        let same = steps.iter().zip(&failure.events).take_while(|(old, new)| old == new).count();
        return Err(stale(&format!("step {} is another one now", same + 1)));
    }
    Ok(Replayed::new(Verdict::Violated, story(&failure.events)))
}

fn stale(why: &str) -> TraceError {
    TraceError::NoLongerApplies(why.to_owned())
}
