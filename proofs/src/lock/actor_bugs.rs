//! Mistakes of the lock that belongs to an owner: in its model, and in a second copy of the code.

use bisim_models::common::{Disabled, Spec};
use bisim_models::lock::actor_lock::{Action, ActorLock, Request, State};

use super::actor_lock::{Answered, Calls, Differs, Owner, answered};
use crate::registry::{Bug, Caught, Evidence, Hunt, HuntOptions, ModelBug};

/// The owner takes a release from anybody.
const UNOWNED_RELEASE: ModelBug<ActorLock> = ModelBug {
    slug: "lock/unowned-release",
    step: |model, state, action, memory| match (action, state.requests.iter().next()) {
        (Action::Serve, Some((Request::Release, client))) => {
            let owned = State { holder: Some(*client), ..state.clone() };
            Some(model.step(&owned, action).map(|next| (next, memory)))
        }
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// The owner does not care who is gone.
const WEDGED: ModelBug<ActorLock> = ModelBug {
    slug: "lock/wedged-by-the-gone",
    step: |_, state, action, memory| match (action, state.requests.iter().next()) {
        (Action::Serve, Some((Request::Leave, _))) => {
            let mut next = state.clone();
            next.requests = state.requests.iter().skip(1).copied().collect();
            Some(Ok((next, memory)))
        }
        (Action::Serve, None) => Some(Err(Disabled("nobody asks"))),
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// The mistakes in the model.
pub(super) const ALL: [ModelBug<ActorLock>; 2] = [UNOWNED_RELEASE, WEDGED];

/// `serve` of `impls/src/lock/actor_lock.rs` without messages, and perhaps with a mistake.
#[derive(Debug)]
pub struct ByHand<const ANYBODY_RELEASES: bool, const THE_GONE_KEEP: bool> {
    holder: Option<u8>,
}

/// The owner without a mistake.
pub type RightOwner = ByHand<false, false>;
/// The owner that takes a release from anybody.
type UnownedRelease = ByHand<true, false>;
/// The owner that does not care who is gone.
type Wedged = ByHand<false, true>;

impl<const ANYBODY_RELEASES: bool, const THE_GONE_KEEP: bool> Owner
    for ByHand<ANYBODY_RELEASES, THE_GONE_KEEP>
{
    fn start(_clients: u8) -> Self {
        Self { holder: None }
    }

    fn acquire(&mut self, client: u8) -> bool {
        let free = self.holder.is_none();
        self.holder = self.holder.or(Some(client));
        free
    }

    fn release(&mut self, client: u8) -> bool {
        let releases = ANYBODY_RELEASES || self.holder == Some(client);
        if releases {
            self.holder = None;
        }
        releases
    }

    fn leave(&mut self, client: u8) {
        if !THE_GONE_KEEP {
            self.holder = self.holder.filter(|holder| *holder != client);
        }
    }
}

/// Makes calls on the code with a bug; none if there is no such bug.
pub(super) fn run(slug: &str, calls: &Calls) -> Option<Result<u64, Box<Differs>>> {
    match slug {
        _ if slug == UNOWNED_RELEASE.slug => Some(calls.run::<UnownedRelease>()),
        _ if slug == WEDGED.slug => Some(calls.run::<Wedged>()),
        _ => None,
    }
}

/// The hunt of a bug in the code, by sampled calls.
fn sampled<O: Owner + 'static>(slug: &'static str) -> Hunt {
    let hunt = move |options: &HuntOptions| {
        let Answered { cases, differs, .. } = answered::<O>(1, 1_000, &options.interrupt);
        let Some((calls, differs)) = differs else {
            let by = format!("survives {cases} cases");
            return Caught { caught: false, by, story: None, trace: None };
        };
        let trace = Some(calls.trace(Some(slug), &differs));
        Caught { caught: true, by: differs.what, story: Some(differs.story), trace }
    };
    Hunt::new(Evidence::Sampled, hunt).expecting("divergence")
}

/// The bugs.
pub(super) fn bugs() -> Vec<Bug> {
    vec![
        Bug::new(
            "L12",
            UNOWNED_RELEASE.slug,
            "the owner takes a release from a client that does not have the lock",
            "textbook",
        )
        .hunted_by(|slug| {
            let model = Hunt::against(UNOWNED_RELEASE, "who has the lock is its holder");
            vec![model, sampled::<UnownedRelease>(slug)]
        }),
        Bug::new(
            "own",
            WEDGED.slug,
            "a client that is gone keeps the lock",
            "channel-based locks of introductory texts",
        )
        .hunted_by(|slug| {
            let model = Hunt::against(WEDGED, "a client that is gone does not keep the lock");
            vec![model, sampled::<Wedged>(slug)]
        }),
    ]
}
