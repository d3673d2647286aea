//! Exit codes: the verdict of the whole command.

use std::process::ExitCode;

use crate::checker::Verdict;

/// How a command ends. The discriminant is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// No violation within the bounds.
    Holds = 0,
    /// Wrong usage.
    Usage = 1,
    /// A property is violated, an implementation diverges, or a seeded bug was not caught.
    Violated = 2,
    /// An action was never enabled, or a `sometimes` was never reached.
    Vacuous = 3,
    /// The search was cut before it had seen everything.
    Truncated = 4,
    /// The counts are not those of the baseline.
    BaselineChanged = 5,
    /// A trace no longer applies.
    Stale = 6,
    /// A panic inside the program.
    Internal = 70,
    /// The user interrupted the run.
    Interrupted = 130,
    /// The reader of the output went away.
    Unread = 141,
}

impl Exit {
    /// From best to worst, for a command over several targets.
    const ORDER: [Self; 10] = [
        Self::Holds,
        Self::BaselineChanged,
        Self::Vacuous,
        Self::Truncated,
        Self::Stale,
        Self::Usage,
        Self::Internal,
        Self::Violated,
        Self::Interrupted,
        Self::Unread,
    ];

    /// The worse of two ends.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let rank = |exit| Self::ORDER.iter().position(|&e| e == exit).expect("ORDER has all");
        if rank(self) >= rank(other) { self } else { other }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Holds => Self::Holds,
            Verdict::Vacuous => Self::Vacuous,
            Verdict::Truncated => Self::Truncated,
            Verdict::Violated => Self::Violated,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_of_several_ends() {
        assert_eq!(Exit::Holds.worst(Exit::BaselineChanged), Exit::BaselineChanged);
        assert_eq!(Exit::Vacuous.worst(Exit::BaselineChanged), Exit::Vacuous);
        assert_eq!(Exit::Truncated.worst(Exit::Vacuous), Exit::Truncated);
        assert_eq!(Exit::Internal.worst(Exit::Violated), Exit::Violated);
    }
}
