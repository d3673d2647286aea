//! States on their way to another worker, whatever their type: the dataflow carries parcels and
//! does not look into them, so that it is compiled once and not for each model.

use std::any::Any;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// States for one worker.
#[derive(Clone)]
pub(super) struct Parcel {
    /// The worker that owns the states.
    pub(super) to: u64,
    contents: Box<dyn Contents>,
}

impl Parcel {
    pub(super) fn new<T: Clone + Send + 'static>(to: u64, contents: T) -> Self {
        Self { to, contents: Box::new(contents) }
    }

    /// What is in it.
    ///
    /// # Panics
    /// If something of another type was put in: all workers of a search explore one model.
    pub(super) fn open<T: 'static>(self) -> T {
        let contents = self.contents.into_any().downcast();
        *contents.expect("all workers of a search put the same type into their parcels")
    }
}

/// Anything that can be sent and, as timely asks for, cloned.
trait Contents: Send {
    fn clone_boxed(&self) -> Box<dyn Contents>;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: Clone + Send + 'static> Contents for T {
    fn clone_boxed(&self) -> Box<dyn Contents> {
        Box::new(self.clone())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Clone for Box<dyn Contents> {
    fn clone(&self) -> Self {
        (**self).clone_boxed()
    }
}

/// Why a parcel is not written: between threads it moves as it is.
const NOT_WRITTEN: &str = "the workers of a search are threads of one process";

impl Serialize for Parcel {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(NOT_WRITTEN))
    }
}

impl<'de> Deserialize<'de> for Parcel {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(NOT_WRITTEN))
    }
}
