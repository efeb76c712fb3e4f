//! The plan of a payment as JSON. Statements that count promised units read `add`.

use edgeos_domain::{AttendeeId, ProductId, Settlement, TraceStep, Units};
use rust_decimal::Decimal;
use sea_orm::prelude::{Json, Uuid};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize, Deserialize)]
struct Plan {
    add: Vec<Part>,
    remove: Vec<Part>,
    credit_used: String,
    credit_granted: String,
    #[serde(default)]
    settled: bool,
    #[serde(default)]
    outstanding: Option<String>,
    /// Without it, what was carried out was given as it was planned.
    #[serde(default)]
    given: Option<Vec<Part>>,
    #[serde(default)]
    taken: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    attendee_id: Uuid,
    product_id: Uuid,
    quantity: u32,
    paid: Option<String>,
}

pub(super) fn to_json(settlement: &Settlement) -> Json {
    let parts = |units: &[Units]| units.iter().map(Part::from).collect();
    json!(Plan {
        add: parts(&settlement.add),
        remove: parts(&settlement.remove),
        credit_used: settlement.credit_used.to_string(),
        credit_granted: settlement.credit_granted.to_string(),
        settled: settlement.settled,
        outstanding: Some(settlement.outstanding.to_string()),
        given: Some(parts(&settlement.given)),
        taken: parts(&settlement.taken),
    })
}

/// The same, with how the amount came about. Nothing but people read that.
pub(super) fn with_trace(settlement: &Settlement, trace: &[TraceStep]) -> Json {
    let mut plan = to_json(settlement);
    let step = |step: &TraceStep| {
        json!({
            "attendee_id": step.subject.map(|(attendee, _)| attendee.0),
            "product_id": step.subject.map(|(_, product)| product.0),
            "rule": step.rule.to_string(),
            "amount": step.amount.to_string(),
        })
    };
    plan["trace"] = trace.iter().map(step).collect();
    plan
}

/// A plan as the database has it.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadablePlan {
    /// Its shape is another.
    #[error(transparent)]
    Shape(#[from] serde_json::Error),
    /// An amount is none.
    #[error("an amount of the plan: {0}")]
    Amount(#[from] rust_decimal::Error),
}

pub(super) fn from_json(plan: &Json) -> Result<Settlement, UnreadablePlan> {
    let plan = Plan::deserialize(plan)?;
    let units = |parts: &[Part]| parts.iter().map(units).collect::<Result<Vec<_>, _>>();
    let add = units(&plan.add)?;
    Ok(Settlement {
        given: match &plan.given {
            Some(given) => units(given)?,
            None if plan.settled => add.clone(),
            None => Vec::new(),
        },
        add,
        remove: units(&plan.remove)?,
        credit_used: plan.credit_used.parse()?,
        credit_granted: plan.credit_granted.parse()?,
        settled: plan.settled,
        outstanding: plan.outstanding.as_deref().map_or(Ok(Decimal::ZERO), str::parse)?,
        taken: units(&plan.taken)?,
    })
}

fn units(part: &Part) -> Result<Units, rust_decimal::Error> {
    Ok(Units {
        attendee: AttendeeId(part.attendee_id),
        product: ProductId(part.product_id),
        quantity: part.quantity,
        paid: part.paid.as_deref().map(str::parse).transpose()?,
    })
}

impl From<&Units> for Part {
    fn from(units: &Units) -> Self {
        Self {
            attendee_id: units.attendee.0,
            product_id: units.product.0,
            quantity: units.quantity,
            paid: units.paid.map(|paid| paid.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_comes_back_as_it_went_in() {
        let units = |paid: Option<&str>| Units {
            attendee: AttendeeId(Uuid::from_u128(1)),
            product: ProductId(Uuid::from_u128(2)),
            quantity: 3,
            paid: paid.map(|paid| paid.parse().unwrap()),
        };
        let plan = Settlement {
            add: vec![units(Some("473.10"))],
            remove: vec![units(None)],
            credit_used: "30.00".parse().unwrap(),
            credit_granted: "0.00".parse().unwrap(),
            settled: true,
            outstanding: "12.50".parse().unwrap(),
            given: vec![units(Some("460.60"))],
            taken: vec![units(None)],
        };
        assert_eq!(from_json(&with_trace(&plan, &[])).unwrap(), plan);
    }

    #[test]
    fn a_plan_that_does_not_tell_what_was_given_gave_what_was_planned() {
        let units = |paid: &str| Units {
            attendee: AttendeeId(Uuid::from_u128(1)),
            product: ProductId(Uuid::from_u128(2)),
            quantity: 1,
            paid: Some(paid.parse().unwrap()),
        };
        let plan = Settlement { add: vec![units("473.10")], ..Settlement::default() };
        for plan in [plan.clone(), plan.as_settled()] {
            let mut json = to_json(&plan);
            for name in ["outstanding", "given", "taken"] {
                json.as_object_mut().unwrap().remove(name);
            }
            assert_eq!(from_json(&json).unwrap(), plan);
        }
    }
}
