//! States of the index that stay open for a while, so that the pages of one search fit together.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tantivy::Searcher;

/// How long a state is kept after a search in it has said that there is more.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// At most this many old states are open at once; under a storm of changes the oldest closes early.
const KEPT_AT_MOST: usize = 100;

/// A state of the index.
#[derive(Clone)]
pub(super) struct Generation {
    /// Names the state, also against those of earlier runs of the process.
    pub(super) number: u64,
    pub(super) searcher: Searcher,
}

/// The current state and those that are kept open.
pub(super) struct Generations {
    states: Mutex<States>,
}

struct States {
    current: Generation,
    /// Until when the current state is wanted, should another follow it.
    current_until: Option<Instant>,
    old: VecDeque<(Instant, Generation)>,
}

impl Generations {
    /// `first` is the number of the first state; later ones count up from it.
    pub(super) fn new(first: u64, searcher: Searcher) -> Self {
        let current = Generation { number: first, searcher };
        Self { states: Mutex::new(States { current, current_until: None, old: VecDeque::new() }) }
    }

    pub(super) fn current(&self) -> Generation {
        self.lock().current.clone()
    }

    /// The state of that number, or the current one where it is closed.
    pub(super) fn open(&self, number: u64) -> Generation {
        let states = self.lock();
        let old = states.old.iter().map(|(_, it)| it).find(|it| it.number == number);
        old.unwrap_or(&states.current).clone()
    }

    /// Keeps that state open from now on.
    pub(super) fn keep(&self, number: u64) {
        let until = Instant::now() + KEPT_FOR;
        let mut states = self.lock();
        if states.current.number == number {
            states.current_until = Some(until);
        } else if let Some((closes, _)) = states.old.iter_mut().find(|(_, it)| it.number == number) {
            *closes = until;
        }
    }

    /// Makes `searcher` the current state and closes what nobody wants any more.
    pub(super) fn publish(&self, searcher: Searcher) {
        let now = Instant::now();
        let mut states = self.lock();
        let next = Generation { number: states.current.number + 1, searcher };
        let last = std::mem::replace(&mut states.current, next);
        if let Some(until) = states.current_until.take() {
            states.old.push_back((until, last));
        }
        states.old.retain(|(until, _)| *until > now);
        if states.old.len() > KEPT_AT_MOST {
            states.old.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, States> {
        // Nothing between lock and unlock can leave the states half-changed.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
