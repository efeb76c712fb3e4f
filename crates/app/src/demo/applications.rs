use edgeos_domain::{
    ApplicationStatus, Companion, Incentive, Patch, Profile, RequestedStatus, ReviewDecision,
    ScholarshipDecision, ScholarshipRequest,
};
use edgeos_ports::{ApplicationView, Belongings, Environment, TenantScope, Transaction};
use rust_decimal::Decimal;

use super::{
    DemoStore, forms,
    stage::Stage,
    story::{Guest, Scene},
};
use crate::{
    AppError,
    applications::{ApplicationChange, HandDecision, NewApplication, NewStaffApplication},
    groups::NewMember,
    idempotency::Once,
};

/// The person begins an application and leaves it.
pub(super) async fn begin<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
) -> Result<(), AppError> {
    create(stage, scene, NewApplication { status: None, ..blank(stage, scene)? }).await
}

/// The person sends what was begun.
pub(super) async fn submit<S: DemoStore>(stage: &Stage<S>, scene: &Scene) -> Result<(), AppError> {
    let (by, popup) = (stage.participant(scene.who)?, stage.popup(scene.popup)?);
    let change = ApplicationChange {
        status: Some(RequestedStatus::InReview),
        ..ApplicationChange::default()
    };
    Box::pin(stage.applications.update_mine(&by, popup, change)).await?;
    Ok(())
}

/// The person applies with `guests`, for a scholarship if there is a reason for one.
pub(super) async fn apply<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    guests: &[Guest],
    scholarship: Option<&str>,
) -> Result<(), AppError> {
    let companions: Result<Vec<_>, _> = guests
        .iter()
        .map(|guest| Companion::parse(guest.name, guest.category, Some(guest.email), None))
        .collect();
    let companions = companions.map_err(AppError::invalid("companions"))?;
    let request = scholarship.map(|details| ScholarshipRequest {
        request: Some(true),
        details: Patch::Set(details.to_owned()),
        video_url: Patch::Keep,
    });
    let new = NewApplication {
        companions: companions.into_iter().flatten().collect(),
        scholarship: request.unwrap_or_default(),
        ..blank(stage, scene)?
    };
    create(stage, scene, new).await
}

/// The person takes part through a group.
pub(super) async fn join<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    group: &str,
) -> Result<(), AppError> {
    let group = Some(stage.group(group)?);
    create(stage, scene, NewApplication { group, ..blank(stage, scene)? }).await
}

/// `leader` makes the person a member of a group.
pub(super) async fn bring_in<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    leader: &str,
    group: &str,
) -> Result<(), AppError> {
    let email = stage.human(scene.who)?.email.clone();
    let new = NewMember { email, profile: Profile::default() };
    let (by, group) = (stage.participant(leader)?, stage.group(group)?);
    Box::pin(stage.led_groups.add_member(&by, group, new, None)).await?;
    let (by, popup) = (stage.participant(scene.who)?, stage.popup(scene.popup)?);
    let view = Box::pin(stage.applications.get_mine(&by, popup)).await?;
    made(stage, scene, &view);
    Ok(())
}

/// The person comes from other books, accepted, with so many dollars of credit.
pub(super) async fn import<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    credit: i64,
) -> Result<(), AppError> {
    enter(stage, scene, ApplicationStatus::Accepted).await?;
    let mut tx = stage.store.begin(&TenantScope::of_worker(stage.tenant.id)).await?;
    tx.set_credit(scene.application()?, Decimal::new(credit * 100, 2), stage.script.now()).await?;
    Ok(tx.commit().await?)
}

/// Staff enter that the person has withdrawn.
pub(super) async fn withdraw<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
) -> Result<(), AppError> {
    enter(stage, scene, ApplicationStatus::Withdrawn).await
}

/// `by` votes, with a word to colleagues unless it is empty.
pub(super) async fn vote<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    by: &str,
    decision: ReviewDecision,
    notes: &str,
) -> Result<(), AppError> {
    let notes = (!notes.is_empty()).then(|| notes.to_owned());
    let (by, application) = (stage.writer(by)?, scene.application()?);
    Box::pin(stage.reviews.vote(&by, application, decision, notes)).await?;
    Ok(())
}

/// `by` decides by hand, with a word about it.
pub(super) async fn decide<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    by: &str,
    decision: HandDecision,
    notes: &str,
) -> Result<(), AppError> {
    let (by, application) = (stage.writer(by)?, scene.application()?);
    let notes = Some(notes.to_owned());
    Box::pin(stage.applications.decide(&by, application, decision, notes)).await?;
    Ok(())
}

/// `by` grants a scholarship of so many percent and dollars on top, or refuses it.
pub(super) async fn grant<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    by: &str,
    granted: Option<(i64, Option<i64>)>,
) -> Result<(), AppError> {
    let decision = match granted {
        None => ScholarshipDecision::Reject,
        Some((percent, extra)) => ScholarshipDecision::Approve {
            discount_percentage: Decimal::new(percent * 100, 2),
            incentive: extra.map(|dollars| Incentive {
                amount: Decimal::new(dollars * 100, 2),
                currency: Some("USD".to_owned()),
            }),
        },
    };
    let by = stage.writer(by)?;
    Box::pin(stage.applications.decide_scholarship(&by, scene.application()?, decision)).await?;
    Ok(())
}

async fn create<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    new: NewApplication,
) -> Result<(), AppError> {
    let by = stage.participant(scene.who)?;
    if let Once::Done(view) = Box::pin(stage.applications.create_mine(&by, new, None)).await? {
        made(stage, scene, &view);
    }
    Ok(())
}

async fn enter<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    status: ApplicationStatus,
) -> Result<(), AppError> {
    let new = NewStaffApplication {
        popup: stage.popup(scene.popup)?,
        email: stage.human(scene.who)?.email.clone(),
        profile: Profile::default(),
        referral: None,
        info_not_shared: Vec::new(),
        custom_fields: forms::answers(stage, scene.popup, scene.number),
        status,
        group: None,
        companions: Vec::new(),
    };
    let by = stage.governor()?;
    if let Once::Done(view) = Box::pin(stage.applications.create(&by, new, None)).await? {
        made(stage, scene, &view);
    }
    Ok(())
}

fn made<S>(stage: &mut Stage<S>, scene: &mut Scene, view: &ApplicationView) {
    scene.application = Some(view.application.id);
    stage.made.count("applications");
}

/// The form filled in, and sent.
fn blank<S: DemoStore>(stage: &Stage<S>, scene: &Scene) -> Result<NewApplication, AppError> {
    let hidden = ["Email", "Telegram", "Age", "Residence"];
    let hidden = hidden.iter().filter(|_| scene.number.is_multiple_of(3)).take(scene.number % 4);
    let referrers = [None, Some("A friend who came last year"), None, Some("The newsletter")];
    Ok(NewApplication {
        popup: stage.popup(scene.popup)?,
        profile: Profile::default(),
        referral: referrers[scene.number % referrers.len()].map(str::to_owned),
        info_not_shared: hidden.map(|field| (*field).to_owned()).collect(),
        custom_fields: forms::answers(stage, scene.popup, scene.number),
        status: Some(RequestedStatus::InReview),
        group: None,
        companions: Vec::new(),
        scholarship: ScholarshipRequest::default(),
    })
}
