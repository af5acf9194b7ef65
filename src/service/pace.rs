//! PURE. How long an object is left alone: the longer nothing has changed, the longer.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use std::time::Duration;

/// The longest wait: the deep look at an object at rest.
pub const AT_REST: Duration = Duration::from_secs(60);

/// Who brings about what a machine waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The machine itself, by what it ordered: each look is at most a hundredth of the time late.
    Progress,
    /// Others, and no watch may show it: at most a tenth of the time late.
    Others,
    /// Others, and a watch shows it.
    Watched,
}

/// The reasons for which a machine waits, each with who brings about what is waited for, and with the
/// word `degrades` if a person who runs the object would want to be woken for it.
macro_rules! reasons {
    (@) => { false };
    (@ degrades) => { true };
    ($($(#[$doc:meta])* $reason:ident: $pace:ident $($degrades:ident)?;)*) => {
        /// Why the machine waits: the condition's reason, word for word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
        pub enum Reason { $($(#[$doc])* $reason,)* }

        impl Reason {
            /// The one who brings about what is waited for.
            #[allow(clippy::match_same_arms, reason = "one row for each reason")]
            pub fn pace(self) -> $crate::service::pace::Pace {
                match self { $(Self::$reason => $crate::service::pace::Pace::$pace,)* }
            }

            /// Whether a person who runs the object would want to be woken for it.
            #[allow(clippy::match_same_arms, reason = "one row for each reason")]
            pub fn degrades(self) -> bool {
                match self { $(Self::$reason => $crate::service::pace::reasons!(@ $($degrades)?),)* }
            }
        }
    };
}
pub(crate) use reasons;

/// How long to wait, not less than `least`, if nothing has changed since then. Of several things that
/// are waited for, the one that may come first counts.
pub fn wait(
    least: Duration,
    (since, now): (Option<Timestamp>, Timestamp),
    awaited: impl Iterator<Item = Pace>,
) -> Duration {
    let waited = since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0));
    let share = |of: f64| Duration::from_secs_f64((waited / of).min(AT_REST.as_secs_f64()));
    let wait = awaited.map(|pace| match pace {
        Pace::Progress => share(100.0),
        Pace::Others => share(10.0),
        Pace::Watched => AT_REST,
    });
    wait.min().unwrap_or_else(|| share(100.0)).max(least)
}

/// When a status last said something new: the step, or a condition.
pub fn unchanged_since(step: Option<&Time>, conditions: &[Condition]) -> Option<Timestamp> {
    let said = conditions.iter().map(|condition| condition.last_transition_time.0);
    said.chain(step.map(|since| since.0)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: Duration = Duration::from_secs(2);

    fn after(waited: i64, awaited: &[Pace]) -> Duration {
        let now = Timestamp::from_second(waited).unwrap();
        wait(LEAST, (Some(Timestamp::UNIX_EPOCH), now), awaited.iter().copied())
    }

    #[test]
    fn the_longer_nothing_changed_the_longer_it_is_left_alone() {
        use Pace::{Others, Progress, Watched};
        let table: [(i64, &[Pace], u64); 14] = [
            (0, &[Others], 2),
            (20, &[Others], 2),
            (100, &[Others], 10),
            (600, &[Others], 60),
            (86_400, &[Others], 60),
            (-5, &[Others], 2),
            (0, &[Watched], 60),
            (100, &[Progress], 2),
            (1000, &[Progress], 10),
            (86_400, &[Progress], 60),
            (100, &[], 2),
            (300, &[Others, Progress], 3),
            (100, &[Watched, Others], 10),
            (86_400, &[Watched, Progress, Others], 60),
        ];
        for (waited, awaited, seconds) in table {
            assert_eq!(
                after(waited, awaited),
                Duration::from_secs(seconds),
                "{waited} {awaited:?}"
            );
        }
        let unknown = wait(LEAST, (None, Timestamp::UNIX_EPOCH), [Others].into_iter());
        assert_eq!(unknown, LEAST);
    }

    #[test]
    fn a_condition_that_changed_after_the_step_counts() {
        let at = |second| Time(Timestamp::from_second(second).unwrap());
        let condition = |second| Condition {
            type_: "Degraded".to_owned(),
            status: "True".to_owned(),
            reason: "MemberDown".to_owned(),
            message: String::new(),
            observed_generation: None,
            last_transition_time: at(second),
        };
        assert_eq!(unchanged_since(None, &[]), None);
        assert_eq!(unchanged_since(Some(&at(5)), &[]), Some(at(5).0));
        assert_eq!(unchanged_since(Some(&at(5)), &[condition(3), condition(9)]), Some(at(9).0));
    }
}
