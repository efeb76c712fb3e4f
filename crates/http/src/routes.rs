//! Every operation of the API. A resource adds its line here.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::{auth, tenants, users};

/// The operations, below either prefix.
pub(crate) fn operations(config: &mut ServiceConfig<'_>) {
    config.configure(auth::routes).configure(tenants::routes).configure(users::routes);
}
