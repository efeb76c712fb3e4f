use chrono::{DateTime, Utc};

use crate::{Attendee, AttendeeCategory, CompanionRefusal, Email, HumanId, Patch};

/// What a request changes about an attendee; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttendeeChange {
    /// See [`Attendee::name`].
    pub name: Option<String>,
    /// See [`Attendee::email`].
    pub email: Patch<Email>,
    /// See [`Attendee::gender`].
    pub gender: Patch<String>,
}

/// What else refers to an attendee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four kinds of ties, each there or not")]
pub struct AttendeeTies {
    /// Holds a product.
    pub holds_products: bool,
    /// Is named in a payment that is pending.
    pub pending_payment: bool,
    /// Is named in a payment, whatever became of it.
    pub payment: bool,
    /// Has a check-in.
    pub check_in: bool,
}

/// Why an attendee can't go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttendeeRefusal {
    /// Without its applicant there is no application.
    #[error("the main attendee can't be deleted")]
    Main,
    /// Passes were bought for the attendee.
    #[error("the attendee holds products")]
    HoldsProducts,
    /// Passes are about to be bought for the attendee.
    #[error("the attendee is named in a pending payment")]
    PendingPayment,
    /// The history of payments names the attendee.
    #[error("the attendee is named in a payment")]
    Payment,
    /// The attendee has been at the door.
    #[error("the attendee has a check-in")]
    CheckedIn,
}

impl AttendeeTies {
    /// Whether there is any.
    #[must_use]
    pub fn any(self) -> bool {
        self.holds_products || self.pending_payment || self.payment || self.check_in
    }
}

impl Attendee {
    /// This attendee after `change`, beside the `others` of the application (this one may be among them).
    /// `holder` is the human who has the address that the change sets, if anybody has: that is who a companion
    /// is from now on. The main attendee stays the applicant, whatever its address.
    ///
    /// # Errors
    ///
    /// `EmailTaken`.
    pub fn changed<'a>(
        self,
        change: AttendeeChange,
        others: impl IntoIterator<Item = &'a Attendee>,
        holder: Option<HumanId>,
        now: DateTime<Utc>,
    ) -> Result<Self, CompanionRefusal> {
        let email = change.email.over(self.email.clone());
        let mut others = others.into_iter().filter(|other| other.id != self.id);
        if email.is_some() && others.any(|other| other.email == email) {
            return Err(CompanionRefusal::EmailTaken);
        }
        let stays = self.category == AttendeeCategory::Main || email == self.email;
        Ok(Self {
            name: change.name.unwrap_or(self.name),
            human: if stays { self.human } else { email.as_ref().and(holder) },
            email,
            gender: change.gender.over(self.gender),
            updated_at: now,
            ..self
        })
    }

    /// This attendee once the person has declined to come along: nobody in particular.
    #[must_use]
    pub fn declined(self, now: DateTime<Utc>) -> Self {
        Self { email: None, human: None, updated_at: now, ..self }
    }

    /// Whether this attendee, who has `ties`, can go.
    ///
    /// # Errors
    ///
    /// The first [`AttendeeRefusal`] that applies, in the order of its variants.
    pub fn check_removal(&self, ties: AttendeeTies) -> Result<(), AttendeeRefusal> {
        let refusals = [
            (self.category == AttendeeCategory::Main, AttendeeRefusal::Main),
            (ties.holds_products, AttendeeRefusal::HoldsProducts),
            (ties.pending_payment, AttendeeRefusal::PendingPayment),
            (ties.payment, AttendeeRefusal::Payment),
            (ties.check_in, AttendeeRefusal::CheckedIn),
        ];
        match refusals.into_iter().find(|(applies, _)| *applies) {
            Some((_, refusal)) => Err(refusal),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::{
        AttendeeId,
        fixtures::{attendee, noon},
    };

    const CARL: HumanId = HumanId(Uuid::from_u128(1));
    const DORA: HumanId = HumanId(Uuid::from_u128(2));

    fn mail(text: &str) -> Patch<Email> {
        Patch::Set(Email::parse(text).unwrap())
    }

    #[rstest]
    #[case::another_address(mail("dora@x.com"), Some(DORA), Some(DORA))]
    #[case::an_address_of_nobody(mail("who@x.com"), None, None)]
    #[case::no_address(Patch::Clear, Some(DORA), None)]
    #[case::the_same_address(mail("carl@x.com"), Some(DORA), Some(CARL))]
    #[case::not_mentioned(Patch::Keep, None, Some(CARL))]
    fn a_companion_is_who_has_the_address(
        #[case] email: Patch<Email>,
        #[case] holder: Option<HumanId>,
        #[case] human: Option<HumanId>,
    ) {
        let carl = attendee(AttendeeCategory::Spouse, "carl@x.com");
        let carl = Attendee { human: Some(CARL), ..carl };
        let change = AttendeeChange { email, ..AttendeeChange::default() };
        let changed = carl.clone().changed(change.clone(), [], holder, noon()).unwrap();
        assert_eq!(changed.human, human);
        let main = Attendee { category: AttendeeCategory::Main, ..carl };
        assert_eq!(main.changed(change, [], holder, noon()).unwrap().human, Some(CARL));
    }

    #[test]
    fn an_address_belongs_to_one_attendee() {
        let bo = attendee(AttendeeCategory::Spouse, "bo@x.com");
        let cy = Attendee { id: AttendeeId(Uuid::nil()), ..attendee(AttendeeCategory::Kid, "") };
        let both = [bo.clone(), cy.clone()];
        let change = AttendeeChange { email: mail("BO@x.com"), ..AttendeeChange::default() };
        let taken = cy.clone().changed(change.clone(), &both, None, noon());
        assert_eq!(taken, Err(CompanionRefusal::EmailTaken));
        assert_eq!(bo.clone().changed(change, &both, None, noon()), Ok(bo));
        // Nobody has no address.
        let renamed = AttendeeChange { name: Some("Di".to_owned()), ..AttendeeChange::default() };
        let others = [attendee(AttendeeCategory::Kid, "")];
        assert_eq!(cy.changed(renamed, &others, None, noon()).unwrap().name, "Di");
    }

    #[rstest]
    #[case(AttendeeCategory::Main, [false; 4], Err(AttendeeRefusal::Main))]
    #[case(AttendeeCategory::Main, [true; 4], Err(AttendeeRefusal::Main))]
    #[case(AttendeeCategory::Kid, [true; 4], Err(AttendeeRefusal::HoldsProducts))]
    #[case(AttendeeCategory::Kid, [false, true, true, true], Err(AttendeeRefusal::PendingPayment))]
    #[case(AttendeeCategory::Kid, [false, false, true, true], Err(AttendeeRefusal::Payment))]
    #[case(AttendeeCategory::Kid, [false, false, false, true], Err(AttendeeRefusal::CheckedIn))]
    #[case(AttendeeCategory::Kid, [false; 4], Ok(()))]
    fn who_has_ties_stays(
        #[case] category: AttendeeCategory,
        #[case] ties: [bool; 4],
        #[case] expected: Result<(), AttendeeRefusal>,
    ) {
        let [holds_products, pending_payment, payment, check_in] = ties;
        let ties = AttendeeTies { holds_products, pending_payment, payment, check_in };
        assert_eq!(attendee(category, "").check_removal(ties), expected);
        assert_eq!(ties.any(), ties != AttendeeTies::default());
    }
}
