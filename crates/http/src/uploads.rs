//! Pictures that go from the browser straight to storage.

use actix_web::{
    post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::uploads::{UploadOffer, UploadRequest};
use edgeos_ports::Write;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    call::{Call, MaybeAtWork, TenantHeader},
    error::{ApiError, Problem},
    shape::{AnyText, Whole, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(get_presigned_upload_url);
}

/// The largest number that browsers count exactly.
const LARGEST: i64 = (1 << 53) - 1;

/// A file to be uploaded.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PresignedUrlRequest {
    /// What it is called; of which the ending may be kept.
    filename: AnyText,
    /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`; the upload must bear exactly this.
    content_type: AnyText,
    /// How many bytes it has, 10 MiB at most; if it is said, the upload must have as many.
    #[deserr(default)]
    size: Option<Whole<0, { LARGEST }>>,
}

/// Where a file may be put, and where it is seen then.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresignedUrlResponse {
    /// Takes the file by `PUT`, for 15 minutes.
    upload_url: String,
    /// Its name in storage.
    key: String,
    /// Where everybody can see it.
    public_url: String,
}

/// An address to upload a picture to.
#[utoipa::path(
    operation_id = "uploads-get_presigned_upload_url", tag = "uploads",
    params(TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = PresignedUrlRequest,
    responses(
        (status = 200, body = PresignedUrlResponse),
        (status = 400, body = Problem, description = "No picture, or too large"),
        (status = 429, body = Problem, description = "Too many uploads"),
        (status = 503, body = Problem, description = "Storage is off"),
    ),
)]
#[post("/uploads/presigned-url")]
pub(crate) async fn get_presigned_upload_url(
    call: Call<MaybeAtWork<Write>, (), (), PresignedUrlRequest>,
    state: Data<AppState>,
) -> Result<Json<PresignedUrlResponse>, ApiError> {
    let MaybeAtWork { staff, at_work } = call.caller;
    let offer = state.uploads.offer(&staff, at_work.as_ref(), &call.body.into()).await?;
    Ok(Json(offer.into()))
}

impl From<PresignedUrlRequest> for UploadRequest {
    fn from(body: PresignedUrlRequest) -> Self {
        Self {
            filename: body.filename.to_string(),
            content_type: body.content_type.to_string(),
            size: body.size.map(Whole::count),
        }
    }
}

impl From<UploadOffer> for PresignedUrlResponse {
    fn from(offer: UploadOffer) -> Self {
        Self {
            upload_url: offer.upload_url,
            key: offer.key.to_string(),
            public_url: offer.public_url,
        }
    }
}
