//! What is held in memory for seconds, and dropped at once when any server announces a change.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

/// Whether announcements arrive, and how many have.
#[derive(Debug, Default)]
pub struct Hearing {
    listening: AtomicBool,
    heard: AtomicU64,
}

/// Values that were read a moment ago. While no announcements arrive, nothing is believed.
pub(crate) struct Believed<K, V> {
    cache: Cache<K, V>,
    hearing: Arc<Hearing>,
}

impl Hearing {
    /// Notes that announcements arrive from now on, or don't.
    pub fn set_listening(&self, listening: bool) {
        self.listening.store(listening, Ordering::Release);
        self.count();
    }

    /// Notes an announcement.
    pub(crate) fn count(&self) {
        self.heard.fetch_add(1, Ordering::AcqRel);
    }
}

impl<K, V> Believed<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// At most `capacity` values, each for at most `lifetime`.
    pub(crate) fn new(hearing: Arc<Hearing>, capacity: u64, lifetime: Duration) -> Self {
        let cache = Cache::builder().max_capacity(capacity).time_to_live(lifetime).build();
        Self { cache, hearing }
    }

    /// The value of `key`, from memory or by `load`.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        if self.hearing.listening.load(Ordering::Acquire)
            && let Some(value) = self.cache.get(&key)
        {
            return Ok(value);
        }
        let heard = self.hearing.heard.load(Ordering::Acquire);
        let value = load.await?;
        self.cache.insert(key.clone(), value.clone());
        // What was read before an announcement mustn't be kept after it.
        if self.hearing.heard.load(Ordering::Acquire) != heard {
            self.cache.invalidate(&key);
        }
        Ok(value)
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.cache.invalidate_all();
    }
}
