//! Groups: what the organiser does with them, and what follows for others.

mod batches;
mod circle;
mod invitations;
mod leaders;
mod links;
mod members;
mod organiser;
mod races;
mod removal;
