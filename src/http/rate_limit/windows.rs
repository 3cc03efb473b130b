//! Counts what each key does within its window, in a bounded space.
//!
//! A window begins with a key's first request and ends after its time, whatever comes meanwhile: so that what is left,
//! and when all of it is there again, are exact, and nobody stays locked out.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use crate::time::UtcTime;

const SHARDS: usize = 16;

/// The windows of one policy.
///
/// A key is kept as its hash under a secret of this process: 24 bytes of whatever was counted, and nothing personal.
pub(super) struct Windows {
    quota: u32,
    length_micros: i64,
    /// How many keys a shard holds at most.
    capacity: usize,
    secret: RandomState,
    shards: [Mutex<HashMap<u64, Window>>; SHARDS],
}

#[derive(Clone, Copy)]
struct Window {
    began_micros: i64,
    used: u32,
}

/// How a key stands after it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether it had used all before.
    pub(super) refused: bool,
    /// What is left in this window.
    pub(super) remaining: u32,
    /// Until the window ends, rounded up.
    pub(super) reset_seconds: i64,
}

impl Windows {
    /// Windows of `quota` requests in `seconds`, for so many `keys` at a time.
    pub(super) fn new(quota: u32, seconds: i64, keys: usize) -> Self {
        Self {
            quota,
            length_micros: seconds * 1_000_000,
            capacity: keys.div_ceil(SHARDS),
            secret: RandomState::new(),
            shards: Default::default(),
        }
    }

    /// Counts one request of `key`. What is refused is not counted.
    pub(super) fn count(&self, key: &str, now: UtcTime) -> Standing {
        let (hash, now) = (self.secret.hash_one(key), now.micros());
        let mut shard = self.shard(hash);
        if shard.len() >= self.capacity && !shard.contains_key(&hash) {
            self.make_room(&mut shard, now);
        }
        let fresh = Window { began_micros: now, used: 0 };
        let window = shard.entry(hash).or_insert(fresh);
        if !self.runs(*window, now) {
            *window = fresh;
        }
        let refused = window.used >= self.quota;
        if !refused {
            window.used += 1;
        }
        let ends_in = window.began_micros + self.length_micros - now;
        Standing {
            refused,
            remaining: self.quota - window.used,
            reset_seconds: (ends_in + 999_999).div_euclid(1_000_000).max(1),
        }
    }

    /// Whether `key` was counted within its window.
    pub(super) fn knows(&self, key: &str, now: UtcTime) -> bool {
        let hash = self.secret.hash_one(key);
        self.shard(hash).get(&hash).is_some_and(|window| self.runs(*window, now.micros()))
    }

    fn shard(&self, hash: u64) -> std::sync::MutexGuard<'_, HashMap<u64, Window>> {
        // The map picks its place by the upper bits of a hash of its own.
        let shard = &self.shards[hash as usize % SHARDS];
        // A count that was broken off has changed one number or none.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A clock that was put back begins a new window.
    fn runs(&self, window: Window, now: i64) -> bool {
        (0..self.length_micros).contains(&(now - window.began_micros))
    }

    /// Forgets what has ended; if that is not half of all, those who have used less than half of their quota; and if
    /// that is too little as well, everybody. Each time at least half goes, so that it costs little for each new key.
    fn make_room(&self, shard: &mut HashMap<u64, Window>, now: i64) {
        shard.retain(|_, window| self.runs(*window, now));
        if shard.len() > self.capacity / 2 {
            shard.retain(|_, window| window.used >= self.quota.div_ceil(2));
        }
        if shard.len() > self.capacity / 2 {
            shard.clear();
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|it| it.lock().unwrap().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> UtcTime {
        UtcTime::from_micros(1_700_000_000_000_000 + (seconds * 1e6) as i64)
    }

    #[test]
    fn a_window_counts_down_refuses_and_begins_anew() {
        let windows = Windows::new(2, 60, 1000);
        let expect = |time, refused, remaining, reset_seconds| {
            assert_eq!(windows.count("ann", at(time)), Standing { refused, remaining, reset_seconds }, "at {time} s");
        };
        expect(0.0, false, 1, 60);
        expect(0.5, false, 0, 60);
        expect(37.2, true, 0, 23);
        expect(59.999, true, 0, 1);
        expect(60.0, false, 1, 60);
        expect(121.0, false, 1, 60);
        // The clock was put back.
        expect(100.0, false, 1, 60);
        assert!(!windows.count("ben", at(0.0)).refused);
    }

    #[test]
    fn a_hundred_thousand_keys_take_bounded_space_and_the_busiest_stay() {
        let windows = Windows::new(10, 60, 4096);
        for _ in 0..10 {
            windows.count("attacked", at(0.0));
        }
        for number in 0..100_000 {
            windows.count(&format!("key {number}"), at(1.0));
        }
        assert!(windows.len() <= 4096, "{}", windows.len());
        assert!(windows.count("attacked", at(2.0)).refused);
    }

    #[test]
    fn keys_whose_window_has_ended_make_room_first() {
        let windows = Windows::new(10, 60, 1600);
        for number in 0..1000 {
            windows.count(&format!("old {number}"), at(0.0));
        }
        windows.count("young", at(59.0));
        for number in 0..1500 {
            windows.count(&format!("new {number}"), at(61.0));
        }
        assert!(windows.len() <= 1600);
    }

    #[test]
    fn who_is_busy_everywhere_is_forgotten_rather_than_kept_without_end() {
        let windows = Windows::new(1, 60, 160);
        for number in 0..10_000 {
            windows.count(&format!("key {number}"), at(0.0));
        }
        assert!(windows.len() <= 160, "{}", windows.len());
    }
}
