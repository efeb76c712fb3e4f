mod examples;
mod kit;
mod ledger;
mod properties;
mod refusals;
mod settlements;
mod traces;
