//! Sharing without comparing.

use std::ops::Deref;
use std::rc::Rc;

/// Shared, and equal to itself alone: what came at one time is one, and nobody reads through thousands of rows to learn
/// whether another answer says the same.
#[derive(Debug)]
pub struct Same<T>(Rc<T>);

impl<T> Same<T> {
    /// Something to share.
    pub fn new(one: T) -> Self {
        Self(Rc::new(one))
    }
}

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for Same<T> {}

impl<T> Deref for Same<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
