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

/// The longest delay of a mail that somebody waits for: a code is good for a quarter of an hour.
const URGENT_DELAY_MAX: TimeDelta = TimeDelta::minutes(1);

/// Attempts at a mail that somebody waits for, whose end is near anyway.
const URGENT_ATTEMPTS_MAX: u32 = 100;

/// How long to wait after the attempt with this number, counted from 1; `None` after the last. A mail that has an
/// end is tried until then.
pub(super) fn delay(attempts: u32, has_end: bool, env: &dyn Environment) -> Option<TimeDelta> {
    let index = usize::try_from(attempts.max(1) - 1).ok()?;
    let planned = match DELAYS.get(index) {
        Some(delay) if has_end => (*delay).min(URGENT_DELAY_MAX),
        Some(delay) => *delay,
        None if has_end => URGENT_DELAY_MAX,
        None => return None,
    };
    let mut byte = [0];
    env.fill(&mut byte);
    let percent = 100 - SPREAD + i32::from(byte[0]) * 2 * SPREAD / i32::from(u8::MAX);
    Some(planned * percent / 100)
}

/// Whether a mail that is taken for this time was to be settled before.
pub(super) fn is_hopeless(attempts: u32, has_end: bool) -> bool {
    let most = if has_end { URGENT_ATTEMPTS_MAX as usize } else { DELAYS.len() + 1 };
    attempts as usize > most
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
        let delay = delay(attempts, false, &Dice(dice));
        assert_eq!(delay.map(|delay| delay.num_seconds()), seconds);
    }

    #[rstest]
    #[case(1, 128, 10)]
    #[case(2, 0, 48)]
    #[case(3, 128, 60)]
    #[case(6, 255, 72)]
    #[case(7, 128, 60)]
    #[case(50, 128, 60)]
    fn somebody_who_waits_waits_a_minute_at_a_time(
        #[case] attempts: u32,
        #[case] dice: u8,
        #[case] seconds: i64,
    ) {
        let delay = delay(attempts, true, &Dice(dice)).unwrap();
        assert_eq!(delay.num_seconds(), seconds);
    }

    #[rstest]
    #[case(7, false, false)]
    #[case(8, false, true)]
    #[case(8, true, false)]
    #[case(101, true, true)]
    fn what_nobody_finishes_ends(
        #[case] attempts: u32,
        #[case] has_end: bool,
        #[case] hopeless: bool,
    ) {
        assert_eq!(is_hopeless(attempts, has_end), hopeless);
    }
}
