use rust_decimal::Decimal;

use crate::{ApplicationStatus, Scholarship, ScholarshipStatus};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailTemplate {
    /// A backoffice user asked for a code.
    LoginCodeUser,
    /// A human, known or new, asked for a code.
    LoginCodeHuman,
    /// An application is in review.
    ApplicationReceived,
    /// An application is accepted.
    ApplicationAccepted,
    /// An application is accepted, with a reduced price.
    ApplicationAcceptedWithDiscount,
    /// An application is accepted, with a reduced price and money on top.
    ApplicationAcceptedWithIncentive,
    /// An application is accepted, at the normal price though a scholarship was asked for.
    ApplicationAcceptedScholarshipRejected,
    /// An application is rejected.
    ApplicationRejected,
    /// A purchase is paid.
    PaymentConfirmed,
    /// An order waits for payment.
    AbandonedCart,
    /// A change of passes is done.
    EditPassesConfirmed,
}

impl MailTemplate {
    /// Every template: those of applications, of payments, and the login codes, which no popup replaces.
    pub const ALL: [Self; 11] = [
        Self::ApplicationReceived,
        Self::ApplicationAccepted,
        Self::ApplicationRejected,
        Self::ApplicationAcceptedWithDiscount,
        Self::ApplicationAcceptedWithIncentive,
        Self::ApplicationAcceptedScholarshipRejected,
        Self::PaymentConfirmed,
        Self::AbandonedCart,
        Self::EditPassesConfirmed,
        Self::LoginCodeUser,
        Self::LoginCodeHuman,
    ];

    /// The template as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoginCodeUser => "login_code_user",
            Self::LoginCodeHuman => "login_code_human",
            Self::ApplicationReceived => "application_received",
            Self::ApplicationAccepted => "application_accepted",
            Self::ApplicationAcceptedWithDiscount => "application_accepted_with_discount",
            Self::ApplicationAcceptedWithIncentive => "application_accepted_with_incentive",
            Self::ApplicationAcceptedScholarshipRejected => {
                "application_accepted_scholarship_rejected"
            }
            Self::ApplicationRejected => "application_rejected",
            Self::PaymentConfirmed => "payment_confirmed",
            Self::AbandonedCart => "abandoned_cart",
            Self::EditPassesConfirmed => "edit_passes_confirmed",
        }
    }

    /// The template that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.as_str() == text)
    }

    /// Whether the mail carries a login code.
    #[must_use]
    pub fn is_login(self) -> bool {
        matches!(self, Self::LoginCodeUser | Self::LoginCodeHuman)
    }
}

/// Which mail tells an applicant of the acceptance.
#[must_use]
pub fn acceptance_mail(scholarship: &Scholarship, allows_incentive: bool) -> MailTemplate {
    let granted = scholarship.incentive_amount.is_some_and(|amount| amount > Decimal::ZERO);
    match scholarship.status {
        _ if !scholarship.request => MailTemplate::ApplicationAccepted,
        Some(ScholarshipStatus::Approved) if allows_incentive && granted => {
            MailTemplate::ApplicationAcceptedWithIncentive
        }
        Some(ScholarshipStatus::Approved) => MailTemplate::ApplicationAcceptedWithDiscount,
        Some(ScholarshipStatus::Rejected) => MailTemplate::ApplicationAcceptedScholarshipRejected,
        Some(ScholarshipStatus::Pending) | None => MailTemplate::ApplicationAccepted,
    }
}

/// Which mail tells an applicant that the status is `status` now, if any does.
#[must_use]
pub fn mail_for(
    status: ApplicationStatus,
    scholarship: &Scholarship,
    allows_incentive: bool,
) -> Option<MailTemplate> {
    match status {
        ApplicationStatus::InReview => Some(MailTemplate::ApplicationReceived),
        ApplicationStatus::Accepted => Some(acceptance_mail(scholarship, allows_incentive)),
        ApplicationStatus::Rejected => Some(MailTemplate::ApplicationRejected),
        ApplicationStatus::Draft | ApplicationStatus::PendingFee | ApplicationStatus::Withdrawn => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        false,
        Some(ScholarshipStatus::Approved),
        true,
        Some(1000),
        MailTemplate::ApplicationAccepted
    )]
    #[case(
        true,
        Some(ScholarshipStatus::Approved),
        true,
        Some(1000),
        MailTemplate::ApplicationAcceptedWithIncentive
    )]
    #[case(
        true,
        Some(ScholarshipStatus::Approved),
        true,
        Some(0),
        MailTemplate::ApplicationAcceptedWithDiscount
    )]
    #[case(
        true,
        Some(ScholarshipStatus::Approved),
        true,
        None,
        MailTemplate::ApplicationAcceptedWithDiscount
    )]
    #[case(
        true,
        Some(ScholarshipStatus::Approved),
        false,
        Some(1000),
        MailTemplate::ApplicationAcceptedWithDiscount
    )]
    #[case(
        true,
        Some(ScholarshipStatus::Rejected),
        true,
        None,
        MailTemplate::ApplicationAcceptedScholarshipRejected
    )]
    #[case(true, Some(ScholarshipStatus::Pending), true, None, MailTemplate::ApplicationAccepted)]
    #[case(true, None, true, None, MailTemplate::ApplicationAccepted)]
    fn an_acceptance_tells_of_the_scholarship(
        #[case] request: bool,
        #[case] status: Option<ScholarshipStatus>,
        #[case] allows_incentive: bool,
        #[case] incentive: Option<i64>,
        #[case] expected: MailTemplate,
    ) {
        let incentive_amount = incentive.map(Decimal::from);
        let scholarship =
            Scholarship { request, status, incentive_amount, ..Scholarship::default() };
        assert_eq!(acceptance_mail(&scholarship, allows_incentive), expected);
    }

    #[test]
    fn a_template_is_found_by_its_name() {
        for template in MailTemplate::ALL {
            assert_eq!(MailTemplate::parse(template.as_str()), Some(template));
        }
    }
}
