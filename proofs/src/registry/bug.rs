//! Known bugs, and the evidence that is meant to catch each.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::common::{Params, Preset, Spec};
use serde::Serialize;

use super::{Buggy, ModelBug};
use crate::checker::{Options, PropertyVerdict, Verdict, search};
use crate::report::{StoryDoc, Subject, Trace};

/// The kinds of evidence (README.md, "The evidence").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The model, explored exhaustively.
    Explored,
    /// The implementation and the model stepping together on random schedules.
    Sampled,
    /// Every edge of the implementation's state graph mapped to the model.
    Refined,
    /// Every enabled model action offered by the implementation.
    Covered,
    /// The interleavings and memory orderings of the real atomics code.
    Interleaved,
    /// Shipped nodes in virtual time, with faults and clients.
    Simulated,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Explored => "explored",
            Self::Sampled => "sampled",
            Self::Refined => "refined",
            Self::Covered => "covered",
            Self::Interleaved => "interleaved",
            Self::Simulated => "simulated",
        })
    }
}

/// A published or textbook mistake, seeded on purpose.
pub struct Bug {
    /// `folder/what-is-wrong`.
    pub slug: &'static str,
    /// The row of the catalogue of known bugs (`X1`, `L12`), or `own`.
    pub row: &'static str,
    /// The mutation, in one line.
    pub title: &'static str,
    /// Where the mistake was made or published.
    pub source: &'static str,
    /// What is meant to catch it. Empty for a bug that cannot show here.
    pub hunts: Vec<Hunt>,
    /// Why there is no hunt, or what else the reader should know.
    pub reason: &'static str,
}

impl Bug {
    /// A bug with no hunt yet.
    pub fn new(
        row: &'static str,
        slug: &'static str,
        title: &'static str,
        source: &'static str,
    ) -> Self {
        Self { slug, row, title, source, hunts: Vec::new(), reason: "" }
    }

    /// What else the reader should know: see [`reason`](Bug::reason).
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }

    /// The same with more set against it: the hunts of its slug.
    #[must_use]
    pub fn hunted_by(mut self, hunts: impl FnOnce(&'static str) -> Vec<Hunt>) -> Self {
        self.hunts.extend(hunts(self.slug));
        self
    }
}

/// A row of the catalogue that cannot be seeded yet: what it breaks is not there.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Deferred {
    /// The row.
    pub row: &'static str,
    /// The mutation, in one line.
    pub title: &'static str,
    /// Where the mistake was made or published.
    pub source: &'static str,
    /// With what it comes: `snapshots`, `reads`.
    pub with: &'static str,
    /// Why it cannot show before.
    pub reason: &'static str,
}

/// One piece of evidence set against one bug.
pub struct Hunt {
    /// The kind of evidence.
    pub evidence: Evidence,
    /// The property or the check that is expected to fail; empty where it is any. A bug that
    /// something else catches is missed.
    pub check: &'static str,
    /// The smallest preset at which the bug can show; at smaller bounds it survives, as it should.
    pub from: Preset,
    /// Runs it.
    pub run: Box<dyn Fn(&HuntOptions) -> Caught + Send + Sync>,
}

impl Hunt {
    /// A hunt whose bug shows at every preset.
    pub fn new(
        evidence: Evidence,
        run: impl Fn(&HuntOptions) -> Caught + Send + Sync + 'static,
    ) -> Self {
        Self { evidence, check: "", from: Preset::Quick, run: Box::new(run) }
    }

    /// The same hunt, where this property or check is expected to fail.
    #[must_use]
    pub fn expecting(self, check: &'static str) -> Self {
        Self { check, ..self }
    }

    /// The hunt of a bug of a model with the checker.
    pub fn explored<S: Spec>(bug: ModelBug<S>) -> Self {
        Self::new(Evidence::Explored, move |options| hunt_model(bug, options))
    }

    /// The hunt of a bug of a model with one of its properties alone: the one that the bug is
    /// known to break, where another one breaks earlier and says less.
    pub fn against<S: Spec>(bug: ModelBug<S>, property: &'static str) -> Self {
        Self::new(Evidence::Explored, move |options| {
            hunt(bug, Some(property), &Params::preset(S::PARAMETERS, options.preset), options)
        })
        .expecting(property)
    }

    /// As [`against`](Hunt::against), with other values than the preset's for some constants:
    /// bounds at which the bug shows. They are told with what caught it, where they differ from
    /// the preset's.
    pub fn within<S: Spec>(
        bug: ModelBug<S>,
        property: &'static str,
        constants: &'static [(&'static str, u32)],
    ) -> Self {
        Self::new(Evidence::Explored, move |options| {
            let preset = Params::preset(S::PARAMETERS, options.preset);
            let with = |params: Params, &(name, value): &_| params.with(name, value);
            let mut caught =
                hunt(bug, Some(property), &constants.iter().fold(preset.clone(), with), options);
            let other = constants.iter().filter(|(name, value)| preset.get(name) != *value);
            other.for_each(|(name, value)| caught.by += &format!(" {name}={value}"));
            caught
        })
        .expecting(property)
    }

    /// The same hunt for a bug that needs the bounds of a larger preset to show.
    #[must_use]
    pub fn from(self, preset: Preset) -> Self {
        Self { from: preset, ..self }
    }
}

/// How a bug is hunted.
#[derive(Clone, Debug, Default)]
pub struct HuntOptions {
    /// The bounds.
    pub preset: Preset,
    /// Set from outside to end the run.
    pub interrupt: Arc<AtomicBool>,
}

/// What a hunt ended with.
#[derive(Clone, Debug)]
pub struct Caught {
    /// Whether the evidence failed, as it should.
    pub caught: bool,
    /// The property or the check that failed, or what was tried in vain.
    pub by: String,
    /// The story that shows the failure.
    pub story: Option<StoryDoc>,
    /// The same as a trace that `replay` reads.
    pub trace: Option<Trace>,
}

impl Caught {
    /// Whether it is the expected check that failed, where one is expected.
    pub fn is_by(&self, hunt: &Hunt) -> bool {
        self.caught && self.by.contains(hunt.check)
    }
}

/// Hunts a bug of a model with the checker: caught when a property is violated, or when an
/// action or a `sometimes` has become impossible.
pub fn hunt_model<S: Spec>(bug: ModelBug<S>, options: &HuntOptions) -> Caught {
    hunt(bug, None, &Params::preset(S::PARAMETERS, options.preset), options)
}

fn hunt<S: Spec>(
    bug: ModelBug<S>,
    property: Option<&'static str>,
    params: &Params,
    options: &HuntOptions,
) -> Caught {
    let spec = S::new(params).expect("every preset makes a model");
    let lanes = spec.lanes();
    let mut model = Buggy::new(spec, bug);
    if let Some(property) = property {
        model = model.judged_by(property);
    }
    let model = Arc::new(model);
    let mut checked = search(
        Arc::clone(&model),
        &model.classes(),
        &Options { interrupt: Arc::clone(&options.interrupt), ..Options::default() },
    );
    checked.leave_out(|class| !model.spec().has(class));
    let failed = checked.properties.iter().find(|p| p.verdict == PropertyVerdict::Violated);
    if let Some((property, story)) = failed.and_then(|p| Some((p, p.story.as_ref()?))) {
        let trace = super::trace_of::<S, _, _>(
            (story, property.cycle.as_deref()),
            Subject::Model,
            params,
            Some(bug.slug),
            property.name,
        );
        let lane_of = |action: &_| model.spec().lane_of(action);
        let mut told = StoryDoc::new(story, lanes, lane_of);
        if let Some(cycle) = &property.cycle {
            told = told.for_ever(cycle, lane_of);
        }
        let by = property.name.to_owned();
        return Caught { caught: true, by, story: Some(told), trace: Some(trace) };
    }
    let unreached = checked.properties.iter().find(|p| p.verdict == PropertyVerdict::Unreached);
    let dead = checked.actions.iter().find(|action| action.taken == 0);
    let by = match (checked.verdict(), unreached, dead) {
        (Verdict::Vacuous, Some(property), _) => format!("{} is not reached", property.name),
        (Verdict::Vacuous, None, Some(action)) => format!("{} is never enabled", action.name),
        _ => format!("survives {} states", checked.distinct),
    };
    Caught { caught: checked.verdict() == Verdict::Vacuous, by, story: None, trace: None }
}
