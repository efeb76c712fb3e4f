use super::ledger::PaymentRequest;

/// What a customer may do, in the order of the page.
const BUTTONS: [(&str, &str); 10] = [
    ("card_paid", "Pay by card"),
    ("crypto_paid", "Pay with crypto (ETH at 2500.50)"),
    ("crypto_partial", "Pay half (crypto)"),
    ("declined", "Let the card be declined"),
    ("expired", "Let it expire"),
    ("cancelled", "Cancel"),
    ("plan_activated", "Start a plan of 3 installments"),
    ("installment_paid", "Pay the next installment"),
    ("plan_completed", "Complete the plan"),
    ("plan_cancelled", "Cancel the plan"),
];

/// The checkout of `request`.
pub(super) fn checkout(request: &PaymentRequest) -> String {
    let plan = request
        .plan
        .as_ref()
        .map(|plan| format!("<p>Plan of 3 installments: {}, {} paid.</p>", plan.status, plan.paid));
    let mut buttons = String::new();
    for (event, words) in BUTTONS {
        buttons.push_str(&["<button name=event value=", event, ">", words, "</button>"].concat());
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Checkout</title>\
         <meta name=viewport content=\"width=device-width\">\
         <style>body{{font:1rem system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}}\
         button{{display:block;width:100%;margin:.5rem 0;padding:.6rem;font:inherit}}</style>\
         <h1>{amount} {currency}</h1><p>{memo}</p><p>Status: <b>{status}</b>. No money moves here.</p>{plan}\
         <form method=post>{buttons}</form></html>",
        amount = request.asked["amount"],
        currency = escaped(request.text("currency")),
        memo = escaped(request.text("memo")),
        status = request.status,
        plan = plan.unwrap_or_default(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
