//! The constants of a model: names, ranges, and values for each preset.

use std::collections::BTreeMap;
use std::fmt;

use super::Strength;

/// What values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number from `min` to `max`, both included.
    Count {
        /// The smallest value.
        min: u32,
        /// The largest value.
        max: u32,
    },
    /// `true` or `false`, kept as 1 or 0.
    Flag,
    /// One of these words, kept as its place among them.
    Choice(&'static [&'static str]),
}

/// How large a run is meant to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Preset {
    /// Seconds: part of the run without arguments.
    Quick,
    /// The bounds at which the target's known bugs show.
    #[default]
    Standard,
    /// Minutes.
    Deep,
}

impl Preset {
    /// All presets, smallest first.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Deep];

    /// The preset's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }
}

/// One constant of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name for `--set NAME=VALUE`.
    pub name: &'static str,
    /// What it bounds, in a few words.
    pub doc: &'static str,
    /// The values it takes.
    pub kind: Kind,
    /// Its value in the presets quick, standard and deep.
    pub presets: [u32; 3],
}

impl Parameter {
    /// A number from `min` to `max`, with its values in the presets quick, standard and deep.
    pub const fn count(
        name: &'static str,
        doc: &'static str,
        (min, max): (u32, u32),
        presets: [u32; 3],
    ) -> Self {
        Self { name, doc, kind: Kind::Count { min, max }, presets }
    }

    /// A flag with its value in all presets.
    pub const fn flag(name: &'static str, doc: &'static str, value: bool) -> Self {
        Self { name, doc, kind: Kind::Flag, presets: [value as u32; 3] }
    }

    /// One of several words, with the place of its value in the presets quick, standard and deep.
    pub const fn choice(
        name: &'static str,
        doc: &'static str,
        words: &'static [&'static str],
        presets: [u32; 3],
    ) -> Self {
        Self { name, doc, kind: Kind::Choice(words), presets }
    }

    /// The fairness that liveness is claimed under: `--set fairness=none`, `weak` or `strong`,
    /// with its value in all presets. [`Strength::of`] reads it.
    pub const fn fairness(doc: &'static str, strength: Strength) -> Self {
        const WORDS: [&str; 3] =
            [Strength::None.name(), Strength::Weak.name(), Strength::Strong.name()];
        Self::choice("fairness", doc, &WORDS, [strength as u32; 3])
    }

    /// Reads a value from the command line.
    ///
    /// # Errors
    /// One line that names the value and the range, when it is not in the range.
    pub fn parse(&self, text: &str) -> Result<u32, ParameterError> {
        let value = match self.kind {
            Kind::Flag => match text {
                "true" => Some(1),
                "false" => Some(0),
                _ => None,
            },
            Kind::Choice(words) => {
                (0..).zip(words).find(|(_, word)| **word == text).map(|(n, _)| n)
            }
            Kind::Count { min, max } => {
                text.parse().ok().filter(|value| (min..=max).contains(value))
            }
        };
        value.ok_or_else(|| {
            ParameterError(format!("{}={text}: {} is {}", self.name, self.name, self.range()))
        })
    }

    /// The range in words.
    pub fn range(&self) -> String {
        match self.kind {
            Kind::Flag => "true or false".to_owned(),
            Kind::Choice(words) => words.join(" or "),
            Kind::Count { min, max } => format!("a whole number from {min} to {max}"),
        }
    }

    /// A value as the command line would take it.
    pub fn format(&self, value: u32) -> String {
        match self.kind {
            Kind::Flag => (value != 0).to_string(),
            Kind::Choice(words) => {
                words.get(value as usize).map_or_else(|| value.to_string(), ToString::to_string)
            }
            Kind::Count { .. } => value.to_string(),
        }
    }
}

/// Why the parameters make no model; one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterError(pub String);

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParameterError {}

/// A value for each parameter of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params(BTreeMap<&'static str, u32>);

impl Params {
    /// The values of a preset.
    pub fn preset(parameters: &[Parameter], preset: Preset) -> Self {
        Self(parameters.iter().map(|p| (p.name, p.presets[preset as usize])).collect())
    }

    /// The value of a parameter.
    ///
    /// # Panics
    /// If the model does not declare the parameter.
    pub fn get(&self, name: &str) -> u32 {
        *self.0.get(name).expect("the model declares the parameter that it reads")
    }

    /// The value of a flag; see [`get`](Params::get).
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) != 0
    }

    /// Sets a declared parameter to a value within its range (a test or a scenario; what comes
    /// from a user goes through [`Parameter::parse`]).
    ///
    /// # Panics
    /// If the model does not declare the parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: u32) -> Self {
        *self.0.get_mut(name).expect("the model declares the parameter that is set") = value;
        self
    }

    /// The names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        self.0.iter().map(|(&name, &value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameter, Strength};

    #[test]
    fn a_choice_is_one_of_its_words() {
        let fairness = Parameter::fairness("to whom", Strength::Weak);
        for strength in Strength::ALL {
            let value = fairness.parse(strength.name()).expect("the word is one of the choices");
            assert_eq!(Strength::of(value), strength);
            assert_eq!(fairness.format(value), strength.name());
        }
        assert_eq!(fairness.presets.map(Strength::of), [Strength::Weak; 3]);
        let why = fairness.parse("unfair").expect_err("it is none of the choices");
        assert!(why.0.ends_with("fairness is none or weak or strong"), "{why}");
    }
}
