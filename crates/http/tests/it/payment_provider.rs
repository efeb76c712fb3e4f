use std::collections::HashMap;

use edgeos_http::{payment_provider, settings::Settings};
use edgeos_ports::{ProviderAccount, ProviderError};
use edgeos_testkit::simplefi::SimpleFiServer;

use crate::harness::SECRET_KEY;

#[tokio::test]
async fn the_provider_that_the_settings_name_is_asked() {
    let provider = SimpleFiServer::start().await.unwrap();
    let variables = HashMap::from([
        ("SECRET_KEY", SECRET_KEY),
        ("POSTGRES_SERVER", "localhost"),
        ("POSTGRES_USER", "nobody"),
        ("SIMPLEFI_API_URL", provider.url()),
    ]);
    let settings = Settings::read(&|name| variables.get(name).map(|value| (*value).to_owned()));
    let asked = payment_provider(&settings.settings.unwrap()).unwrap();
    let account = ProviderAccount::new("demo").unwrap();
    let state = asked.payment_request(&account, "nothing").await;
    assert_eq!(state, Err(ProviderError::NoSuchRequest));
    assert_eq!(provider.calls().len(), 1);
}
