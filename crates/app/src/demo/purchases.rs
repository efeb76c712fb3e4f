use edgeos_domain::{OrderLine, Quantity};
use edgeos_ports::{Environment, InstallmentEvent, PaymentEvent, ProviderEvent, RequestStatus};
use rust_decimal::Decimal;

use super::{
    DemoStore,
    provider::external_id,
    stage::Stage,
    story::{Basket, Scene},
};
use crate::{
    AppError,
    idempotency::Once,
    payments::{Notice, Purchase, Sale},
};

/// The person opens the checkout of the application's fee.
pub(super) async fn open_fee<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
) -> Result<(), AppError> {
    let (by, application) = (stage.participant(scene.who)?, scene.application()?);
    let sale = Box::pin(stage.payments.create_fee(&by, application, None)).await?;
    opened(stage, scene, sale);
    Ok(())
}

/// The person buys what is in `basket`.
pub(super) async fn buy<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &mut Scene,
    basket: &Basket,
) -> Result<(), AppError> {
    let mut lines = Vec::with_capacity(basket.lines.len());
    for line in basket.lines {
        lines.push(OrderLine {
            product: stage.product(scene.popup, line.1)?,
            attendee: scene.attendee(stage, line.0).await?.attendee.id,
            quantity: Quantity::new(line.2).map_err(AppError::invalid("quantity"))?,
            custom_amount: line.3.map(|dollars| Decimal::new(dollars * 100, 2)),
        });
    }
    let purchase = Purchase {
        application: scene.application()?,
        lines,
        coupon_code: basket.coupon.map(str::to_owned),
        edit_passes: basket.instead,
        insurance: basket.insured,
    };
    let by = stage.participant(scene.who)?;
    let sale = Box::pin(stage.payments.create(&by, &purchase, None)).await?;
    opened(stage, scene, sale);
    Ok(())
}

fn opened<S>(stage: &mut Stage<S>, scene: &mut Scene, sale: Once<Sale>) {
    if let Once::Done(sale) = sale {
        scene.payment = Some(sale.view.payment.id);
        stage.made.count("payments");
    }
}

/// The payment opened last is paid in `coin`, which is worth so many cents.
pub(super) async fn pay<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    coin: &str,
    cents: i64,
) -> Result<(), AppError> {
    report(stage, scene, RequestStatus::Approved, coin, cents).await
}

/// The provider tells how the payment opened last stands.
pub(super) async fn report<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    status: RequestStatus,
    coin: &str,
    cents: i64,
) -> Result<(), AppError> {
    let event = PaymentEvent {
        external_id: external_id(scene.payment()?),
        status,
        currency: coin.to_owned(),
        rate: Some(Decimal::new(cents, 2)),
    };
    announce(stage, scene, ProviderEvent::Payment(event)).await
}

/// The person agrees to pay in installments.
pub(super) async fn agree<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    installments: u32,
) -> Result<(), AppError> {
    let plan = external_id(scene.payment()?);
    announce(stage, scene, ProviderEvent::PlanActivated { plan, installments }).await
}

/// So many dollars of the plan are paid.
pub(super) async fn pay_part<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    dollars: i64,
) -> Result<(), AppError> {
    let event = InstallmentEvent {
        plan: external_id(scene.payment()?),
        external_id: format!("demo-{}", stage.script.uuid()),
        status: RequestStatus::Approved,
        amount: Some(Decimal::from(dollars)),
        currency: "USD".to_owned(),
        paid_at: Some(stage.script.now()),
    };
    announce(stage, scene, ProviderEvent::Installment(event)).await
}

/// All installments are paid.
pub(super) async fn complete<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    paid: u32,
) -> Result<(), AppError> {
    let plan = external_id(scene.payment()?);
    announce(stage, scene, ProviderEvent::PlanCompleted { plan, paid }).await
}

/// The plan is called off.
pub(super) async fn cancel<S: DemoStore>(stage: &Stage<S>, scene: &Scene) -> Result<(), AppError> {
    let plan = external_id(scene.payment()?);
    announce(stage, scene, ProviderEvent::PlanCancelled { plan }).await
}

async fn announce<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    event: ProviderEvent,
) -> Result<(), AppError> {
    let payment = scene.payment()?;
    let token = stage.keys.webhook_token(payment);
    let notice = Notice {
        event: &event,
        body: &[],
        payment: Some(payment),
        token: Some(&token),
        signature: None,
    };
    Box::pin(stage.payments.announced(&notice)).await?;
    Ok(())
}
