use chrono::NaiveDateTime;
use edgeos_domain::Popup;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Map, Value, json};

/// What mails about `popup` may show of it.
pub(crate) fn event_variables(popup: &Popup) -> Map<String, Value> {
    let variables = json!({
        "popup_name": popup.name,
        "popup_image_url": popup.image_url,
        "popup_icon_url": popup.icon_url,
        "popup_web_url": popup.web_url,
        "popup_blog_url": popup.blog_url,
        "popup_twitter_url": popup.twitter_url,
        "popup_start_date": popup.start_date.map(day),
        "popup_end_date": popup.end_date.map(day),
    });
    let Value::Object(variables) = variables else { unreachable!("it is written as an object") };
    variables
}

/// `June 05, 2026`
fn day(date: NaiveDateTime) -> String {
    date.format("%B %d, %Y").to_string()
}

/// Whole numbers as such, so that templates show 50 % and not 50.00 %.
pub(crate) fn number(value: Decimal) -> Value {
    match value.to_i64().filter(|_| value.fract().is_zero()) {
        Some(whole) => json!(whole),
        None => json!(value.to_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction() {
        assert_eq!(number("50.00".parse().unwrap()), json!(50));
        assert_eq!(number("12.50".parse().unwrap()), json!(12.5));
    }
}
