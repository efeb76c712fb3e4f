use edgeos_domain::{
    ApplicationId, AttendeeCategory, CompanionCategory, PaymentId, ReviewDecision,
};
use edgeos_ports::{AttendeeView, RequestStatus, Resource};

use super::{DemoStore, applications, carts, check_ins, purchases, stage::Stage};
use crate::{AppError, applications::HandDecision};

/// What one person does in one event, and what others do about it, in the order of time.
pub(super) struct Story {
    /// The person's word in the catalogue.
    pub(super) who: &'static str,
    /// What happens, and how many days from today.
    pub(super) acts: &'static [(i64, Act)],
}

/// Something that happens around an application.
pub(super) enum Act {
    /// The person begins it.
    Draft,
    /// The person fills it in and sends it.
    Apply,
    /// The person sends what was begun.
    Submit,
    /// As `Apply`, with others coming along.
    ApplyWith(&'static [Guest]),
    /// As `Apply`, asking for a scholarship for this reason.
    ApplyForScholarship(&'static str),
    /// The person follows the link of a group.
    ApplyThrough(&'static str),
    /// The first leader of the group brings the person in.
    Added(&'static str, &'static str),
    /// A superadmin enters the person as accepted, from other books, with credit in dollars.
    Imported(i64),
    /// A superadmin enters that the person doesn't come.
    Withdrawn,
    /// A user votes, with a word to colleagues.
    Vote(&'static str, ReviewDecision, &'static str),
    /// A user decides by hand, with a word about it.
    Decide(&'static str, HandDecision, &'static str),
    /// A user grants a scholarship: percent off, and dollars on top.
    Grant(&'static str, i64, Option<i64>),
    /// A user refuses a scholarship.
    Refuse(&'static str),
    /// The person opens the checkout of the fee.
    OpenFee,
    /// The person buys: what is due is opened at the checkout, what is free is done.
    Buy(Basket),
    /// The payment opened last is paid by card.
    PaidByCard,
    /// The payment opened last is paid in a coin, at so many cents for one.
    PaidInCoin(&'static str, i64),
    /// The payment opened last ends otherwise.
    Unpaid(RequestStatus),
    /// The person agrees to pay in so many installments.
    Agrees(u32),
    /// So many dollars of them are paid.
    Installment(i64),
    /// All of them are paid.
    PlanPaid(u32),
    /// The plan is called off.
    PlanCancelled,
    /// Somebody's code is scanned at the door.
    Scan(Who),
    /// Staff note that somebody has left.
    Leave(Who),
    /// The person puts things into the cart and goes away.
    Fill(carts::Filling),
}

/// Somebody who comes along.
pub(super) struct Guest {
    pub(super) name: &'static str,
    pub(super) category: CompanionCategory,
    pub(super) email: &'static str,
}

/// One of the people in an application.
#[derive(Clone, Copy)]
pub(super) enum Who {
    Applicant,
    Spouse,
    /// The first kid is 0.
    Kid(usize),
}

/// What is bought at once.
pub(super) struct Basket {
    pub(super) lines: &'static [Line],
    pub(super) coupon: Option<&'static str>,
    pub(super) insured: bool,
    /// Whether the lines state all tickets that are held afterwards.
    pub(super) instead: bool,
}

/// So many of a product for somebody; for a patron, how many dollars.
pub(super) struct Line(
    pub(super) Who,
    pub(super) &'static str,
    pub(super) i64,
    pub(super) Option<i64>,
);

/// A basket of nothing but `lines`.
pub(super) const fn basket(lines: &'static [Line]) -> Basket {
    Basket { lines, coupon: None, insured: false, instead: false }
}

/// One of `product` for the applicant.
pub(super) const fn own(product: &'static str) -> Line {
    Line(Who::Applicant, product, 1, None)
}

/// Where a story is.
pub(super) struct Scene {
    pub(super) who: &'static str,
    /// The slug of the event.
    pub(super) popup: &'static str,
    /// The place of the person in the catalogue: what they answer follows from it.
    pub(super) number: usize,
    pub(super) application: Option<ApplicationId>,
    /// The payment opened last.
    pub(super) payment: Option<PaymentId>,
}

impl Scene {
    pub(super) fn application(&self) -> Result<ApplicationId, AppError> {
        self.application.ok_or(AppError::NotFound(Resource::Application))
    }

    pub(super) fn payment(&self) -> Result<PaymentId, AppError> {
        self.payment.ok_or(AppError::NotFound(Resource::Payment))
    }

    /// One of the people in the application, who is there.
    pub(super) async fn attendee<S: DemoStore>(
        &self,
        stage: &Stage<S>,
        who: Who,
    ) -> Result<AttendeeView, AppError> {
        let by = stage.participant(self.who)?;
        let view = Box::pin(stage.applications.get_mine(&by, stage.popup(self.popup)?)).await?;
        let (category, nth) = match who {
            Who::Applicant => (AttendeeCategory::Main, 0),
            Who::Spouse => (AttendeeCategory::Spouse, 0),
            Who::Kid(nth) => (AttendeeCategory::Kid, nth),
        };
        let mut people = view.attendees.into_iter();
        let found = people.by_ref().filter(|view| view.attendee.category == category).nth(nth);
        found.ok_or(AppError::NotFound(Resource::Attendee))
    }
}

impl Story {
    /// Tells this story in the event `popup`. Acts of one day come a quarter of an hour after each other.
    pub(super) async fn tell<S: DemoStore>(
        &self,
        stage: &mut Stage<S>,
        popup: &'static str,
        number: usize,
    ) -> Result<(), AppError> {
        let Self { who, acts } = *self;
        let mut scene = Scene { who, popup, number, application: None, payment: None };
        for (place, (day, act)) in (0..).zip(acts) {
            stage.draw_for(format!("{popup}/{who}/{place}"));
            stage.script.turn_to(*day, 9 * 60 + 15 * place);
            Box::pin(act.play(stage, &mut scene)).await?;
        }
        Ok(())
    }
}

impl Act {
    async fn play<S: DemoStore>(
        &self,
        stage: &mut Stage<S>,
        scene: &mut Scene,
    ) -> Result<(), AppError> {
        match self {
            Self::Draft => applications::begin(stage, scene).await,
            Self::Apply => applications::apply(stage, scene, &[], None).await,
            Self::Submit => applications::submit(stage, scene).await,
            Self::ApplyWith(guests) => applications::apply(stage, scene, guests, None).await,
            Self::ApplyForScholarship(why) => {
                applications::apply(stage, scene, &[], Some(why)).await
            }
            Self::ApplyThrough(group) => applications::join(stage, scene, group).await,
            Self::Added(leader, group) => applications::bring_in(stage, scene, leader, group).await,
            Self::Imported(credit) => applications::import(stage, scene, *credit).await,
            Self::Withdrawn => applications::withdraw(stage, scene).await,
            Self::Vote(by, decision, notes) => {
                applications::vote(stage, scene, by, *decision, notes).await
            }
            Self::Decide(by, decision, notes) => {
                applications::decide(stage, scene, by, *decision, notes).await
            }
            Self::Grant(by, percent, extra) => {
                applications::grant(stage, scene, by, Some((*percent, *extra))).await
            }
            Self::Refuse(by) => applications::grant(stage, scene, by, None).await,
            Self::OpenFee => purchases::open_fee(stage, scene).await,
            Self::Buy(basket) => purchases::buy(stage, scene, basket).await,
            Self::PaidByCard => purchases::pay(stage, scene, "USD", 100).await,
            Self::PaidInCoin(coin, cents) => purchases::pay(stage, scene, coin, *cents).await,
            Self::Unpaid(status) => purchases::report(stage, scene, *status, "USD", 100).await,
            Self::Agrees(installments) => purchases::agree(stage, scene, *installments).await,
            Self::Installment(dollars) => purchases::pay_part(stage, scene, *dollars).await,
            Self::PlanPaid(paid) => purchases::complete(stage, scene, *paid).await,
            Self::PlanCancelled => purchases::cancel(stage, scene).await,
            Self::Scan(who) => check_ins::scan(stage, scene, *who).await,
            Self::Leave(who) => check_ins::leave(stage, scene, *who).await,
            Self::Fill(filling) => carts::fill(stage, scene, filling).await,
        }
    }
}
