//! What comes in: values of path, query and body, checked before anything else happens.
//!
//! A DTO is a struct that derives `Deserr` with `#[deserr(error = Wrong)]` and is made of the types of this
//! module. All wrong fields are found in one go and named as the contract does:
//! `{"type": "uuid_parsing", "loc": ["body", "popup_id"], "msg": "…"}`. Unknown fields are ignored. Whatever may
//! be left out, `Option` included, needs `#[deserr(default)]`. A field that is read by a rule of the domain has an
//! alias for its type (`type EmailText = Parsed<Email>`).
//!
//! Path and query hold text only, so there the types read text: the first step of a value's location tells.

mod choice;
mod domain;
mod id;
mod list;
mod number;
mod patch;
mod price;
mod schema;
mod source;
mod text;
mod time;
mod wrong;

#[cfg(test)]
mod tests;

pub(crate) use self::{
    choice::{Choice, choice, read_choice},
    domain::{EmailText, HostText, LinkText, OptionalEmailText, StaffEmailText},
    id::{Flag, Id},
    list::{JsonObject, List},
    number::{Amount, Count, Int32, Int64, Number, Whole},
    patch::{Patch, Sent},
    price::{CouponPercent, Percentage, Price, Rate, Weight},
    schema::{DECIMAL_PATTERN, Described, INLINE, described, reference},
    source::{from_body, from_header, from_path, from_query, is_unit},
    text::{AnyText, Digits, Filled, FromText, HttpUrl, Line, Parsed, Text, Trimmed},
    time::{Moment, WallTime},
    wrong::{Fault, Step, Wrong},
};
