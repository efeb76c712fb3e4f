use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// So many may do something at the same time.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    free: Arc<AtomicUsize>,
}

/// A slot that is taken until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    free: Arc<AtomicUsize>,
}

impl Slots {
    pub(crate) fn new(most: usize) -> Self {
        Self { free: Arc::new(AtomicUsize::new(most)) }
    }

    /// A slot, unless all are taken.
    pub(crate) fn take(&self) -> Option<Slot> {
        let one_less = |free: usize| free.checked_sub(1);
        self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less).ok()?;
        Some(Slot { free: self.free.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.free.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_free_again_when_it_is_dropped() {
        let slots = Slots::new(2);
        let (first, second) = (slots.take(), slots.clone().take());
        assert!(first.is_some() && second.is_some() && slots.take().is_none());
        drop(first);
        let third = slots.take();
        assert!(third.is_some() && slots.take().is_none());
    }
}
