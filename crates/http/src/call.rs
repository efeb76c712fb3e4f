//! What every operation takes in: who asks, and values of the right shape.
//!
//! The order of the checks is part of the API: a body that can be read, then the caller, then the shape of
//! path, query and body together.

mod access;
mod body;
mod client;
mod repeat;

use std::{future::Future, net::IpAddr, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use deserr::Deserr;
use edgeos_ports::IdempotentRequest;
use tracing::Instrument;
use uuid::Uuid;

use self::repeat::Repeat;
pub(crate) use self::{
    access::{Access, AnyToken, MaybeAtWork, Public, TENANT_HEADER, TenantHeader, named_tenant},
    body::RawBody,
    client::TrustedProxies,
    repeat::{RepeatHeader, replay, stored_answer},
};
use crate::{
    error::ApiError,
    shape::{self, Wrong},
    state::AppState,
};

/// A request that was let in. `A` says who may call; `P`, `Q` and `B` are the shapes of path, query and
/// body, and `()` where an operation takes none. `Option<B>` is a body that may be left out. A body has at most
/// `BODY_MAX` bytes, if that is less than any may have.
#[derive(Debug)]
pub(crate) struct Call<A, P = (), Q = (), B = (), const BODY_MAX: usize = { usize::MAX }> {
    /// Who asks.
    pub(crate) caller: A,
    /// The variable segments of the path.
    pub(crate) path: P,
    /// The query.
    pub(crate) query: Q,
    /// The body.
    pub(crate) body: B,
    /// About the request itself.
    pub(crate) meta: RequestMeta,
}

/// What is known about a request besides its content.
#[derive(Debug, Clone)]
pub(crate) struct RequestMeta {
    /// Where it comes from.
    pub(crate) client_address: IpAddr,
    repeat: Option<Repeat>,
}

impl RequestMeta {
    /// What a repetition of this request is known by, if the sender gave it an `Idempotency-Key`. To be
    /// asked by operations that heed the header, which `operation` names as the contract does.
    pub(crate) fn repeatable(
        &self,
        actor: Uuid,
        operation: &'static str,
    ) -> Result<Option<IdempotentRequest>, ApiError> {
        self.repeat.as_ref().map(|repeat| repeat.by(actor, operation)).transpose()
    }
}

impl<A, P, Q, B, const BODY_MAX: usize> FromRequest for Call<A, P, Q, B, BODY_MAX>
where
    A: Access + 'static,
    P: Deserr<Wrong> + 'static,
    Q: Deserr<Wrong> + 'static,
    B: Deserr<Wrong> + 'static,
{
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (body, repeat) = body::read::<B>(&request, payload, BODY_MAX).await?;
            let state = request.app_data::<Data<AppState>>().expect("every server has a state");
            // What is asked about the caller is known apart: it is read anew now and then, whatever is called.
            let caller =
                A::admit(&request, state).instrument(tracing::info_span!("caller")).await?;

            let path = shape::from_path::<P>(&request);
            let query = shape::from_query::<Q>(request.query_string());
            let body = body.into_shape::<B>();
            let (path, query, body) = match (path, query, body) {
                (Ok(path), Ok(query), Ok(body)) => (path, query, body),
                (path, query, body) => {
                    let wrong = [path.err(), query.err(), body.err()].into_iter().flatten();
                    let wrong = wrong.reduce(Wrong::and).expect("one of them failed");
                    return Err(wrong.into());
                }
            };
            let client_address = state.trusted_proxies.client_address(&request);
            let meta = RequestMeta { client_address, repeat };
            Ok(Self { caller, path, query, body, meta })
        })
    }
}
