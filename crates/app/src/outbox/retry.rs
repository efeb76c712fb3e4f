use chrono::TimeDelta;
use edgeos_ports::Environment;

/// What passes between one attempt and the next.
const DELAYS: [TimeDelta; 6] = [
    TimeDelta::seconds(10),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(6),
];

/// How far a delay may differ from the plan, in percent: mails that failed together don't come back
/// together.
const SPREAD: i32 = 20;

/// How long to wait after the attempt with this number, counted from 1; `None` after the last.
pub(super) fn delay(attempts: u32, env: &dyn Environment) -> Option<TimeDelta> {
    let index = usize::try_from(attempts.max(1) - 1).ok()?;
    let planned = *DELAYS.get(index)?;
    let mut byte = [0];
    env.fill(&mut byte);
    let percent = 100 - SPREAD + i32::from(byte[0]) * 2 * SPREAD / i32::from(u8::MAX);
    Some(planned * percent / 100)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    struct Dice(u8);

    impl Environment for Dice {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn uuid(&self) -> Uuid {
            Uuid::nil()
        }

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[rstest]
    #[case(1, 0, Some(8))]
    #[case(1, 255, Some(12))]
    #[case(2, 128, Some(60))]
    #[case(3, 128, Some(300))]
    #[case(4, 0, Some(24 * 60))]
    #[case(5, 128, Some(2 * 60 * 60))]
    #[case(6, 255, Some(7 * 60 * 60 + 12 * 60))]
    #[case(7, 0, None)]
    fn mails_wait_longer_each_time(
        #[case] attempts: u32,
        #[case] dice: u8,
        #[case] seconds: Option<i64>,
    ) {
        assert_eq!(delay(attempts, &Dice(dice)).map(|delay| delay.num_seconds()), seconds);
    }
}
