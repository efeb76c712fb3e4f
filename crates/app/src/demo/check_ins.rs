use edgeos_domain::{CheckInChange, Patch};
use edgeos_ports::Environment;

use super::{
    DemoStore,
    stage::Stage,
    story::{Scene, Who},
};
use crate::AppError;

/// Who is at the door.
const DOOR: &str = "lin";

/// Somebody's code is scanned.
pub(super) async fn scan<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    who: Who,
) -> Result<(), AppError> {
    let code = scene.attendee(stage, who).await?.attendee.check_in_code;
    let (by, popup) = (stage.writer(DOOR)?, stage.popup(scene.popup)?);
    Box::pin(stage.check_ins.scan(&by, popup, Some(code))).await?;
    Ok(())
}

/// Staff note that somebody has left.
pub(super) async fn leave<S: DemoStore>(
    stage: &Stage<S>,
    scene: &Scene,
    who: Who,
) -> Result<(), AppError> {
    let attendee = scene.attendee(stage, who).await?.attendee.id;
    let change = CheckInChange {
        departure_date: Patch::Set(stage.script.now()),
        ..CheckInChange::default()
    };
    Box::pin(stage.check_ins.update(&stage.writer(DOOR)?, attendee, change)).await?;
    Ok(())
}
