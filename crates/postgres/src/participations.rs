use edgeos_domain::{
    ApplicationId, ApplicationStatus, AttendeeCategory, AttendeeId, CheckInCode, HumanId, PopupId,
};
use edgeos_ports::{Participation, Participations, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::{PgTx, error::stored};

impl Participations for PgTx {
    async fn participation(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Participation, StoreError> {
        let values = [self.tenant.0.into(), human.0.into(), popup.0.into()];
        let own = self
            .db
            .one::<OwnRow>(
                "SELECT id, status FROM applications \
                 WHERE tenant_id = $1 AND human_id = $2 AND popup_id = $3",
                values.clone(),
            )
            .await?;
        if let Some(row) = own {
            let status = status(row.id, &row.status)?;
            return Ok(Participation::Applicant { application: ApplicationId(row.id), status });
        }
        let place = self
            .db
            .one::<PlaceRow>(
                "SELECT t.id, t.name, t.category, t.check_in_code, t.application_id, a.status \
                 FROM attendees t \
                 JOIN applications a ON a.tenant_id = t.tenant_id AND a.id = t.application_id \
                 WHERE t.tenant_id = $1 AND t.human_id = $2 AND t.popup_id = $3 \
                 AND a.human_id <> $2 AND a.status NOT IN ('rejected', 'withdrawn') \
                 ORDER BY t.created_at, t.id LIMIT 1",
                values,
            )
            .await?;
        let Some(row) = place else { return Ok(Participation::None) };
        let category = AttendeeCategory::parse(&row.category).ok_or("unknown category");
        Ok(Participation::Companion {
            attendee: AttendeeId(row.id),
            name: row.name,
            category: stored("attendees", row.id, category)?,
            check_in_code: CheckInCode::stored(row.check_in_code),
            status: status(row.application_id, &row.status)?,
        })
    }
}

fn status(application: Uuid, text: &str) -> Result<ApplicationStatus, StoreError> {
    let status = ApplicationStatus::parse(text).ok_or("unknown status");
    stored("applications", application, status)
}

#[derive(FromQueryResult)]
struct OwnRow {
    id: Uuid,
    status: String,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    id: Uuid,
    name: String,
    category: String,
    check_in_code: String,
    application_id: Uuid,
    status: String,
}
