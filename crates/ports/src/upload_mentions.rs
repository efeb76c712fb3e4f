use std::collections::HashSet;

use edgeos_domain::UploadKey;

use crate::{StoreError, Transaction};

/// Where the tenant shows uploaded files.
#[trait_variant::make(Send)]
pub trait UploadMentions: Transaction {
    /// Those of `keys` that an address or a text of the tenant names.
    async fn mentioned_uploads(
        &mut self,
        keys: &[UploadKey],
    ) -> Result<HashSet<UploadKey>, StoreError>;
}
