use edgeos_domain::{HttpUrl, PaymentId};
use edgeos_ports::{
    CreatedRequest, NewPaymentRequest, PaymentProvider, ProviderAccount, ProviderError,
    RequestState, RequestStatus,
};

/// A payment provider whose checkouts nobody can visit: a demonstration calls nobody.
pub(super) struct Nowhere;

/// What it calls a payment.
pub(super) fn external_id(payment: PaymentId) -> String {
    format!("demo-{payment}")
}

#[async_trait::async_trait]
impl PaymentProvider for Nowhere {
    async fn create_payment_request(
        &self,
        _account: &ProviderAccount,
        new: &NewPaymentRequest,
    ) -> Result<CreatedRequest, ProviderError> {
        let external_id = external_id(new.payment);
        let checkout_url = format!("https://checkout.example.com/{external_id}");
        Ok(CreatedRequest {
            checkout_url: HttpUrl::parse(&checkout_url, checkout_url.len())
                .map_err(|_| ProviderError::InvalidAnswer)?,
            external_id,
            status: RequestStatus::Pending,
        })
    }

    async fn payment_request(
        &self,
        _account: &ProviderAccount,
        _external_id: &str,
    ) -> Result<RequestState, ProviderError> {
        Err(ProviderError::NoSuchRequest)
    }

    fn verify_signature(&self, _account: &ProviderAccount, _body: &[u8], _signature: &str) -> bool {
        false
    }
}
