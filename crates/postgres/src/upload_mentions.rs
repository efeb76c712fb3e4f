use std::collections::HashSet;

use edgeos_domain::UploadKey;
use edgeos_ports::{StoreError, UploadMentions};
use sea_orm::FromQueryResult;

use crate::PgTx;

impl UploadMentions for PgTx {
    async fn mentioned_uploads(
        &mut self,
        keys: &[UploadKey],
    ) -> Result<HashSet<UploadKey>, StoreError> {
        let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
        // Addresses are read for the name at their end, and texts for every one in them: each table once, however
        // many keys there are.
        let rows = self
            .db
            .all::<Row>(
                "WITH shown(words) AS ( \
                   SELECT unnest(ARRAY[image_url, icon_url, logo_url]) \
                     FROM tenants WHERE id = $1 \
                   UNION ALL \
                   SELECT unnest(ARRAY[image_url, icon_url, express_checkout_background, web_url, \
                                       blog_url, twitter_url, terms_and_conditions_url]) \
                     FROM popups WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT unnest(ARRAY[image_url, description]) FROM products WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT picture_url FROM humans WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT picture_url FROM pending_humans WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT poap_url FROM attendees WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT html_content FROM email_templates WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT unnest(ARRAY[description, welcome_message]) \
                     FROM groups WHERE tenant_id = $1 \
                   UNION ALL \
                   SELECT description FROM formsections WHERE tenant_id = $1 \
                 ) \
                 SELECT DISTINCT found[1] AS name \
                   FROM shown, regexp_matches(words, $2, 'g') AS found \
                  WHERE words LIKE '%/images/%' AND found[1] = ANY($3)",
                [
                    self.tenant.0.into(),
                    format!("({}/images/[0-9a-f-]{{36}}\\.[a-z]+)", self.tenant).into(),
                    names.into(),
                ],
            )
            .await?;
        let mentioned: HashSet<_> = rows.into_iter().map(|row| row.name).collect();
        Ok(keys.iter().filter(|key| mentioned.contains(key.as_str())).cloned().collect())
    }
}

#[derive(FromQueryResult)]
struct Row {
    name: String,
}
