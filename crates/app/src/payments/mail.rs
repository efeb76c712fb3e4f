use edgeos_domain::{
    AttendeeId, MailId, MailTemplate, Payment, PaymentMail, ProductId, discount_off,
};
use edgeos_ports::{
    ApplicationView, Change, Environment, NewMail, PaymentLine, PaymentLineView, PaymentView,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{PaymentTx, seen, settle::Buyer};
use crate::{
    AppError,
    event_variables::{event_variables, number},
};

/// Tells the human of `payment`, once for each occasion.
pub(super) async fn enqueue(
    tx: &mut impl PaymentTx,
    env: &dyn Environment,
    buyer: &Buyer,
    payment: &Payment,
    mail: PaymentMail,
) -> Result<(), AppError> {
    let view = seen(tx, payment.id).await?;
    let people = tx.application_view(buyer.application.id).await?;
    tx.enqueue_mail(&NewMail {
        id: MailId(env.uuid()),
        popup_id: Some(buyer.popup.id),
        template: mail.template,
        to: buyer.human.email.as_str().to_owned(),
        context: context(buyer, payment, &view, people.as_ref(), mail.template),
        dedupe_key: Some(format!("payment:{}:{}", payment.id, mail.occasion.as_str())),
        priority: 0,
        not_after: None,
    })
    .await?;
    Ok(tx.announce(Change::Mail).await?)
}

fn context(
    buyer: &Buyer,
    payment: &Payment,
    view: &PaymentView,
    people: Option<&ApplicationView>,
    template: MailTemplate,
) -> Value {
    let bought = bought(payment, view);
    let mut context = Value::Object(event_variables(&buyer.popup));
    context["first_name"] = json!(buyer.human.profile.first_name);
    context["last_name"] = json!(buyer.human.profile.last_name);
    context["payment_id"] = json!(payment.id.0);
    context["amount"] = number(payment.amount);
    // As priced, whatever it was paid in.
    context["currency"] = json!("USD");
    if !payment.terms.currency.is_usd() {
        context["coin"] = json!(payment.terms.currency.as_str());
    }
    let products = bought.iter().map(|(view, quantity)| {
        json!({
            "name": view.line.name,
            "price": number(view.line.price),
            "quantity": quantity,
        })
    });
    context["products"] = products.collect();
    context["order_summary"] = summary(&bought).into();
    context["attendees"] = people.map(attendees).into();
    let shown = |amount: Decimal| Some(number(amount)).filter(|_| amount > Decimal::ZERO);
    context["insurance_amount"] = shown(payment.insurance_amount).into();

    let plan = payment.settlement.clone().unwrap_or_default();
    if template == MailTemplate::EditPassesConfirmed {
        context["credit_applied"] = number(plan.credit_used);
        context["remaining_credit"] = number(buyer.application.credit);
    } else if let Some(discount) = payment.discount_value.filter(|value| !value.is_zero()) {
        let off = payment.discount_amount.unwrap_or_else(|| taken_off(view, discount));
        let original = payment.amount + plan.credit_used + off - payment.insurance_amount;
        context["discount_value"] = number(discount);
        context["discount_amount"] = shown(off).into();
        context["original_amount"] = number(original);
    }
    context
}

/// What `percentage` took off an older payment, which doesn't say: nobody gets anything off what goes to a patron.
fn taken_off(view: &PaymentView, percentage: Decimal) -> Decimal {
    let lines = || view.lines.iter().map(|view| &view.line);
    let patrons: Vec<AttendeeId> =
        lines().filter(|line| line.category == "patreon").map(|line| line.attendee).collect();
    let is_full_price = |line: &&PaymentLine| match line.category.as_str() {
        "patreon" | "supporter" => false,
        "ticket" => !patrons.contains(&line.attendee),
        _ => true,
    };
    let full = lines().filter(is_full_price).map(|line| line.price * Decimal::from(line.quantity));
    discount_off(full.sum(), percentage)
}

/// What is new with `payment`, and how many: of a change of passes, what is kept is left out.
fn bought<'a>(payment: &Payment, view: &'a PaymentView) -> Vec<(&'a PaymentLineView, u32)> {
    let added = |attendee: AttendeeId, product: ProductId| {
        let plan = payment.settlement.as_ref()?;
        let units =
            plan.add.iter().find(|units| units.attendee == attendee && units.product == product);
        Some(units.map_or(0, |units| units.quantity))
    };
    let lines = view.lines.iter().map(|view| {
        let all = u32::try_from(view.line.quantity).unwrap_or(0);
        let new = added(view.line.attendee, view.line.product).unwrap_or(all);
        (view, if payment.edit_passes { new } else { all })
    });
    lines.filter(|(_, quantity)| *quantity > 0).collect()
}

/// A line of HTML for each product: its name in bold, who gets it, what it costs.
fn summary(bought: &[(&PaymentLineView, u32)]) -> String {
    let line = |(view, quantity): &(&PaymentLineView, u32)| {
        let name = escaped(&view.line.name);
        let attendee = escaped(view.attendee_name.as_deref().unwrap_or_default());
        let price = view.line.price * Decimal::from(*quantity);
        format!("<strong>{name}</strong> × {quantity}, {attendee}: {price} USD")
    };
    bought.iter().map(line).collect::<Vec<_>>().join("<br>")
}

/// Who comes along, and what they hold now.
fn attendees(people: &ApplicationView) -> Value {
    let attendees = people.attendees.iter().map(|view| {
        let products = view.products.iter();
        let products: Value = products
            .map(|held| json!({ "name": held.product.name, "quantity": held.quantity }))
            .collect();
        json!({
            "name": view.attendee.name,
            "category": view.attendee.category.as_str(),
            "products": products,
        })
    });
    attendees.collect()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_open_no_elements() {
        assert_eq!(escaped("<b>\"A&B\"</b>"), "&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;");
    }
}
