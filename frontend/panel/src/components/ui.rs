//! What the reader did: it outlives every refresh.

use std::rc::Rc;

use yew::Reducible;

use crate::chart::scene::Part;
use crate::view::order::Order;

/// The parts of the panel where it is too narrow for all at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// The list.
    #[default]
    Suspects,
    /// The chart and the evidence.
    Chart,
    /// The runbook.
    Runbook,
}

/// The state of the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ui {
    /// The suspect the reader chose.
    pub selected: Option<String>,
    /// What the list is filtered by.
    pub filter: String,
    /// What it is sorted by.
    pub order: Order,
    /// The part shown where it is narrow.
    pub tab: Tab,
    /// Parts of the chart that are switched off.
    pub hidden: Vec<Part>,
    /// What was opened (or closed) against its default, by key.
    pub open: Vec<(String, bool)>,
}

/// What the reader does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Chooses a suspect.
    Select(String),
    /// Types in the filter.
    Filter(String),
    /// Sorts the list.
    Sort(Order),
    /// Switches a part of the chart off, or on again.
    Toggle(Part),
    /// Turns to another part.
    Turn(Tab),
    /// Opens or closes something.
    Open(String, bool),
}

impl Reducible for Ui {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut next = (*self).clone();
        match act {
            Act::Select(id) => next.selected = Some(id),
            Act::Filter(filter) => next.filter = filter,
            Act::Sort(order) => next.order = order,
            Act::Toggle(part) => match next.hidden.iter().position(|other| *other == part) {
                Some(at) => drop(next.hidden.remove(at)),
                None => next.hidden.push(part),
            },
            Act::Turn(tab) => next.tab = tab,
            Act::Open(key, open) => {
                next.open.retain(|(other, _)| *other != key);
                next.open.push((key, open));
            }
        }
        Rc::new(next)
    }
}
