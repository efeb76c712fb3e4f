use edgeos_ports::{Page, Paging};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QuerySelect, Select};

/// One page of `query`, and how many rows it has without paging.
pub(crate) async fn page<E>(
    db: &impl ConnectionTrait,
    query: Select<E>,
    paging: Paging,
) -> Result<Page<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    let total = query.clone().count(db).await?;
    let items = query.offset(paging.skip).limit(paging.limit).all(db).await?;
    Ok(Page { items, total })
}

/// `text` as a pattern that matches it literally anywhere, whatever it contains.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn wildcards_of_the_searcher_are_literal() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }
}
