//! Peterson's algorithm refines the abstract lock: the instance of `Lock.tla` in `Peterson.tla`.

use std::borrow::Borrow;

use bisim_models::classics::mutual_exclusion::abstract_lock::{self, AbstractLock};
use bisim_models::classics::peterson::{self, Pc, Peterson, other};
use bisim_models::common::{Model, Params, Preset, Spec, Value};

use super::peterson::MODEL_BUGS;
use crate::checker::Options;
use crate::refinement::{Claim, Exception, Failure, Refinement, replay_refinement, trace_params};
use crate::registry::{
    Buggy, Caught, ConformOptions, ConformReport, Conformance, Evidence, Hunt, HuntOptions,
    ModelBug,
};
use crate::report::{Replayed, Trace, TraceError};

/// Peterson refines the abstract lock: to pass A3 is to take the lock, and to lower the flag is
/// to free it.
///
/// The concrete model is `peterson`, or `peterson` with a seeded bug.
pub struct PetersonRefinesLock<M = Peterson> {
    concrete: M,
    peterson: Peterson,
    lock: AbstractLock,
}

impl PetersonRefinesLock {
    /// The claim.
    pub fn new() -> Self {
        Self::of(algorithm(), algorithm())
    }
}

impl Default for PetersonRefinesLock {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> PetersonRefinesLock<M> {
    /// The claim for a model whose states hold those of `peterson`.
    pub fn of(concrete: M, peterson: Peterson) -> Self {
        let params = Params::preset(AbstractLock::PARAMETERS, Preset::Quick).with("processes", 2);
        let lock = AbstractLock::new(&params).expect("two processes make a lock");
        Self { concrete, peterson, lock }
    }
}

/// Peterson's algorithm. Which fairness it is checked under makes no difference here.
fn algorithm() -> Peterson {
    Peterson::new(&params()).expect("every preset makes a model")
}

fn params() -> Params {
    Params::preset(Peterson::PARAMETERS, Preset::Quick)
}

/// Whether a process must let the other one go first: the abstract lock takes whoever tries.
fn other_goes_first(state: &peterson::State, action: &abstract_lock::Action) -> bool {
    let &abstract_lock::Action::L1(process) = action else { return false };
    let (me, rival) = (usize::from(process), usize::from(other(process)));
    let gives_way = match state.pc[me] {
        // It will give the turn to the other, who waits for nothing else.
        Pc::A1 | Pc::A2 => true,
        Pc::A3 => state.turn == other(process),
        _ => false,
    };
    gives_way && state.pc[rival] == Pc::A3
}

impl<M> Refinement for PetersonRefinesLock<M>
where
    M: Model<State: Value + Borrow<peterson::State>, Action = peterson::Action>
        + Send
        + Sync
        + 'static,
{
    type Concrete = M;
    type Abstract = AbstractLock;

    fn name(&self) -> &'static str {
        "peterson refines abstract-lock"
    }

    fn concrete(&self) -> &M {
        &self.concrete
    }

    fn specification(&self) -> &AbstractLock {
        &self.lock
    }

    /// `pc_translation` of the specification, and the lock is free when nobody has it.
    fn map(&self, state: &M::State) -> abstract_lock::State {
        let state: &peterson::State = state.borrow();
        let pc = state.pc.map(|pc| match pc {
            Pc::A0 => abstract_lock::Pc::L0,
            Pc::A1 | Pc::A2 | Pc::A3 => abstract_lock::Pc::L1,
            Pc::Cs => abstract_lock::Pc::Cs,
            Pc::A4 => abstract_lock::Pc::L2,
        });
        let lock = !state.pc.iter().any(|pc| pc.has_lock());
        abstract_lock::State { pc: pc.to_vec(), lock }
    }

    /// What a process does with flag and turn on its way is no step of the lock.
    fn label(
        &self,
        _before: &M::State,
        action: &peterson::Action,
        _after: &M::State,
    ) -> Vec<abstract_lock::Action> {
        match *action {
            peterson::Action::A0(process) => vec![abstract_lock::Action::L0(process)],
            peterson::Action::A1(_) | peterson::Action::A2(_) => Vec::new(),
            peterson::Action::A3(process) => vec![abstract_lock::Action::L1(process)],
            peterson::Action::Cs(process) => vec![abstract_lock::Action::Cs(process)],
            peterson::Action::A4(process) => vec![abstract_lock::Action::L2(process)],
        }
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        vec![Exception {
            name: "the other process goes first",
            reason: "both want to enter and it is the other's turn; the abstract lock takes \
                     either, which is why it starves a process and this one does not",
            applies: |_, state, action| other_goes_first(state.borrow(), action),
        }]
    }

    fn lanes(&self) -> Vec<String> {
        self.peterson.lanes()
    }

    fn lane_of(&self, action: &peterson::Action) -> Option<usize> {
        self.peterson.lane_of(action)
    }
}

/// The refinement as the evidence of the target `peterson`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PetersonChain;

impl Conformance for PetersonChain {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Refined, Evidence::Covered]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let interrupt = options.interrupt.clone();
        claim(&PetersonRefinesLock::new(), None)
            .reports(&Options { interrupt, ..Options::default() })
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let Some(slug) = &trace.bug else {
            return replay_refinement(&PetersonRefinesLock::new(), trace);
        };
        let bug = MODEL_BUGS.into_iter().find(|bug| bug.slug == slug).ok_or_else(|| {
            TraceError::NoLongerApplies(format!("the model has no bug {slug} any more"))
        })?;
        replay_refinement(&with(bug), trace)
    }
}

fn with(bug: ModelBug<Peterson>) -> PetersonRefinesLock<Buggy<Peterson>> {
    PetersonRefinesLock::of(Buggy::new(algorithm(), bug), algorithm())
}

fn claim<'a, R: Refinement>(refinement: &'a R, bug: Option<&'static str>) -> Claim<'a, R> {
    let scope = "two processes".to_owned();
    Claim { target: Peterson::NAME, refinement, scope, params: trace_params(&params()), bug }
}

/// The hunt of a bug on the edges of the refinement, where this check fails.
pub(super) fn refined(bug: ModelBug<Peterson>, check: Failure) -> Hunt {
    let evidence = if check.is_gap() { Evidence::Covered } else { Evidence::Refined };
    let hunt = move |options: &HuntOptions| -> Caught {
        let interrupt = options.interrupt.clone();
        claim(&with(bug), Some(bug.slug))
            .hunt(evidence, &Options { interrupt, ..Options::default() })
    };
    Hunt::new(evidence, hunt).expecting(check.name())
}
