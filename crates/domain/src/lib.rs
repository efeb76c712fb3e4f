//! Rules of organisations, people, events and applications, as values and pure functions.
//!
//! Nothing here waits, reads a clock, draws a random number or logs: times, identifiers and random bytes
//! come in as arguments.

mod application;
mod application_fee;
mod approval;
mod attendee;
mod attendee_change;
mod cart;
mod check_in;
mod check_in_code;
mod companion;
mod companion_changes;
mod coupon;
mod directory;
mod email;
mod email_template;
#[cfg(test)]
mod fixtures;
mod form;
mod group;
mod host_name;
mod human;
mod id;
mod invoice;
mod login_code;
mod mail;
mod mail_variables;
mod money;
mod patch;
mod payment;
mod payment_key;
mod period;
mod popup;
mod price;
mod pricing;
mod product;
mod review;
mod scholarship;
mod slug;
mod strategy;
mod tenant;
mod text;
mod upload;
mod url;
mod user;

pub use crate::{
    application::{
        Application, ApplicationRefusal, ApplicationSnapshot, ApplicationStatus, Beginning,
        Circumstances, EditEffect, PortalEdit, Progress, RequestedStatus, SnapshotEvent,
        Transition, Trigger,
    },
    application_fee::{ApplicationFee, InvalidFee},
    approval::{
        Decision, Reviewer, Submission, Submitted, Vote, decide, on_submit, weighted_score,
    },
    attendee::{Attendee, AttendeeCategory, Party},
    attendee_change::{AttendeeChange, AttendeeRefusal, AttendeeTies},
    cart::{Cart, CartHousing, CartMerch, CartPass, CartPatron, CartState},
    check_in::{
        CheckIn, CheckInChange, InvalidCheckIn, Scan, ScanRefusal, ScanWarning, check_admission,
        scan_warnings,
    },
    check_in_code::CheckInCode,
    companion::{
        Companion, CompanionCategory, CompanionRefusal, InvalidCompanion, NewAttendee,
        admit_companion, check_companions,
    },
    companion_changes::{CompanionChanges, PresentCompanion, replace_companions},
    coupon::{
        Coupon, CouponChange, CouponCode, CouponPercent, CouponRefusal, InvalidCouponCode,
        InvalidCouponPercent, NewCoupon,
    },
    directory::{
        DirectoryCompanion, DirectoryEntry, DirectoryField, Masked, MaskedText, Withheld,
        week_numbers,
    },
    email::{Email, InvalidEmail, StaffEmail},
    email_template::{EmailTemplate, EmailTemplateChange, EmailTemplateRefusal, NewEmailTemplate},
    form::{
        BUILT_INS, BuiltIn, FieldConfig, FieldType, Form, FormField, FormRefusal, FormSection,
        FormSectionChange, InvalidAnswers, InvalidFormPart, NewFormField, NewFormSection, Question,
        QuestionChange, SectionKind, Target, built_in, check_answer_limits, derive_field_name,
    },
    group::{
        Candidate, Group, GroupChange, GroupRefusal, GroupSlug, InvalidGroupSlug, LeaderChange,
        ListedEmail, NewGroup, check_candidate,
    },
    host_name::{HostName, InvalidHostName, RequestedHost},
    human::{Human, Profile, ProfileChange},
    id::{
        ApplicationId, AttendeeId, AuditEntryId, CartId, CheckInId, CouponId, CredentialId,
        EmailTemplateId, FieldConfigId, FieldId, GroupId, HumanId, ListedEmailId, MailId,
        PaymentId, PopupId, ProductId, ReviewId, ReviewerId, SectionId, SnapshotId, StrategyId,
        TenantId, UserId,
    },
    invoice::{Invoice, InvoiceIssuer, InvoiceLine, InvoiceRow, InvoiceTotal},
    login_code::{InvalidLoginCode, LoginCode},
    mail::{MailTemplate, acceptance_mail, mail_for},
    mail_variables::{MailCategory, MailVariable, VariableGroup, VariableType},
    money::to_cents,
    patch::Patch,
    payment::{
        Currency, FeeRefusal, Installments, InvalidCurrency, InvalidRate, PaidIn, Payment,
        PaymentChange, PaymentEffect, PaymentMail, PaymentOccasion, PaymentProgress,
        PaymentRefusal, PaymentSource, PaymentStatus, PaymentTerms, PaymentTransition,
        PaymentTrigger, PaymentType, PaymentWarning, ProviderReport, PurchaseRefusal, Rate,
        Settling, admit_purchase, fee_due,
    },
    payment_key::{MaskedKey, mask_payment_key, payment_key_change},
    period::{InvalidPeriod, Period},
    popup::{InvalidPopup, NewPopup, Popup, PopupChange, PopupStatus},
    price::{InvalidPercentage, InvalidPrice, Percentage, Price},
    pricing::{
        Basket, CouponDiscount, Discount, Discounts, GroupDiscount, Holder, Holding,
        HoldingChanges, Holdings, InvalidQuantity, Offer, Order, OrderLine, PricingRefusal,
        PricingRule, Quantity, Quote, QuoteLine, Settlement, TraceStep, Units, discount_off,
    },
    product::{
        InvalidProduct, InvalidProductKind, NewProduct, Product, ProductCategory, ProductChange,
        ProductKind, ProductSlug, TicketDuration,
    },
    review::{
        InvalidWeightMultiplier, PopupReviewer, Review, ReviewCounts, ReviewerRefusal,
        WeightMultiplier,
    },
    scholarship::{
        Incentive, InvalidDecision, Scholarship, ScholarshipDecision, ScholarshipRefusal,
        ScholarshipRequest, ScholarshipStatus, scholarship_open,
    },
    slug::{InvalidPopupSlug, InvalidTenantSlug, PopupSlug, TenantSlug, slugify},
    strategy::{
        ApprovalStrategy, InvalidStrategy, ReviewDecision, Strategy, StrategyChange, StrategyRules,
        StrategyType,
    },
    tenant::{NewTenant, Tenant, TenantChange, TenantRefusal},
    text::{InvalidText, optional_text, required_text, verbatim_text},
    upload::{
        ImageType, InvalidUploadKey, PublicFiles, Upload, UploadKey, UploadOwner, UploadRefusal,
    },
    url::{HttpUrl, InvalidUrl, Link},
    user::{NewUser, OtherHolders, Role, User, UserChange, UserRefusal},
};
