use edgeos_domain::{
    Application, ApplicationId, ApplicationStatus, GroupId, HumanId, PopupId, Progress,
    Scholarship, ScholarshipStatus, TenantId,
};
use edgeos_ports::StoreError;
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    prelude::Json,
};

use crate::{
    entity::application::{ActiveModel, Model},
    error::stored,
};

pub(super) fn inserted(application: &Application) -> ActiveModel {
    let Application { id, tenant, popup, human, credit, created_at, .. } = *application;
    ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(id.0),
        popup_id: Set(popup.0),
        human_id: Set(human.0),
        credit: Set(credit),
        created_at: Set(created_at),
        ..written(application)
    }
}

/// Everything but the credit, which belongs to payments, and what never changes.
pub(super) fn updated(application: &Application) -> ActiveModel {
    ActiveModel {
        tenant_id: Unchanged(application.tenant.0),
        id: Unchanged(application.id.0),
        ..written(application)
    }
}

fn written(application: &Application) -> ActiveModel {
    let Application { group, progress, updated_at, .. } = *application;
    let scholarship = application.scholarship.clone();
    ActiveModel {
        tenant_id: NotSet,
        id: NotSet,
        popup_id: NotSet,
        human_id: NotSet,
        group_id: Set(group.map(|group| group.0)),
        referral: Set(application.referral.clone()),
        info_not_shared: Set(application.info_not_shared.clone()),
        status: Set(progress.status().as_str().to_owned()),
        custom_fields: Set(Json::Object(application.custom_fields.clone())),
        custom_fields_schema: Set(application.custom_fields_schema.clone()),
        credit: NotSet,
        submitted_at: Set(progress.submitted_at()),
        accepted_at: Set(progress.accepted_at()),
        created_at: NotSet,
        updated_at: Set(updated_at),
        scholarship_request: Set(scholarship.request),
        scholarship_details: Set(scholarship.details),
        scholarship_video_url: Set(scholarship.video_url),
        scholarship_status: Set(scholarship.status.map(|status| status.as_str().to_owned())),
        discount_percentage: Set(scholarship.discount_percentage),
        incentive_amount: Set(scholarship.incentive_amount),
        incentive_currency: Set(scholarship.incentive_currency),
    }
}

impl TryFrom<Model> for Application {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let status = ApplicationStatus::parse(&row.status).ok_or("unknown status");
        let status = stored("applications", row.id, status)?;
        let decided = row.scholarship_status.as_deref();
        let decided = decided.map(|text| ScholarshipStatus::parse(text).ok_or("unknown status"));
        let custom_fields = match row.custom_fields {
            Json::Object(answers) => answers,
            // What isn't an object holds no answers.
            _ => serde_json::Map::new(),
        };
        Ok(Self {
            id: ApplicationId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            human: HumanId(row.human_id),
            group: row.group_id.map(GroupId),
            referral: row.referral,
            info_not_shared: row.info_not_shared,
            progress: Progress::stored(status, row.submitted_at, row.accepted_at),
            custom_fields,
            custom_fields_schema: row.custom_fields_schema.filter(|form| !form.is_null()),
            credit: row.credit,
            scholarship: Scholarship {
                request: row.scholarship_request,
                details: row.scholarship_details,
                video_url: row.scholarship_video_url,
                status: stored("applications", row.id, decided.transpose())?,
                discount_percentage: row.discount_percentage,
                incentive_amount: row.incentive_amount,
                incentive_currency: row.incentive_currency,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
