mod effects;
mod history;
mod kit;
mod moves;
mod refusals;
