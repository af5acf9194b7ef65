//! PURE. The sentences people read: what is, why, and what to do next.

use crate::service::app_service::decide::vocabulary::{Reason, Step};
use crate::service::app_service::observe::observed::{Child, Observed};
use crate::service::app_service::observe::part::{Part, kind_of};

pub use crate::service::said::listed;

/// What a hold means for this service, and what a person can do about it.
pub fn hold(reason: Reason, seen: &Observed) -> String {
    let (asked, serve) = seen.pods();
    let Observed { name, namespace, .. } = seen;
    let target = &seen.spec.target;
    match reason {
        Reason::Paused => format!(
            "The operator only observes, because spec.paused is true. To let it act, run `{}`.",
            patch(seen, "{\"spec\":{\"paused\":false}}")
        ),
        Reason::Deleting => "The service is being deleted, and all its objects with it.".into(),
        Reason::ForeignObject => foreign_objects(seen),
        Reason::RevisionUnknown => format!(
            "spec.rollbackTo names revision {}, which is not kept, so nothing is changed. Kept are: \
             {}. Name one of them, or run `{}`.",
            seen.spec.pinned.as_deref().unwrap_or_default(),
            listed(seen.memory.revisions.iter().cloned(), "none"),
            patch(seen, "{\"spec\":{\"rollbackTo\":null}}")
        ),
        Reason::PodsStarting => format!("The first pods start: {serve} of {asked} serve."),
        Reason::RollingOut => {
            let updated = seen.rollout.as_ref().map_or(0, |is| is.updated);
            format!("Revision {target} is rolled out: {updated} of {asked} pods are of it.")
        }
        Reason::Scaling => format!("{serve} of {asked} pods serve; the others come or go."),
        Reason::RollingBack => format!("The rollout failed; revision {target} comes back."),
        Reason::PodsFailing => format!(
            "{} {serve} of {asked} pods serve. Correct the spec, or look: `kubectl -n {namespace} \
             describe pod -l app.kubernetes.io/instance={name}`.",
            failing(seen)
        ),
        Reason::PodsMissing => format!(
            "{serve} of {asked} pods serve. See why: `kubectl -n {namespace} get pods -l \
             app.kubernetes.io/instance={name}`."
        ),
        Reason::ProgressDeadlineExceeded => stalled(seen),
        Reason::RolledBack => format!(
            "The rollout of revision {} failed and was taken back: revision {target} serves. \
             Correct the spec; to try the same once more, run `{}`.",
            seen.spec.revision,
            patch(seen, "{\"spec\":{\"rollback\":\"Manual\"}}")
        ),
        Reason::Pinned => format!(
            "spec.rollbackTo holds revision {target}, whatever else the spec asks for. To roll the \
             spec out, run `{}`.",
            patch(seen, "{\"spec\":{\"rollbackTo\":null}}")
        ),
    }
}

/// What entering a step means.
pub fn entered(step: Step, seen: &Observed) -> String {
    let (asked, _) = seen.pods();
    let target = &seen.spec.target;
    match step {
        Step::Assemble => "The objects of the service are being made.".to_owned(),
        Step::Start => "Its objects are made; the first pods start.".to_owned(),
        Step::Serving if asked == 0 => scaled_to_zero(seen),
        Step::Serving => format!("All {asked} pods serve at {}.", seen.url),
        Step::Roll => format!("Revision {target} is rolled out."),
        Step::Scale => format!("The number of pods becomes {asked}."),
        Step::RollBack => hold(Reason::RollingBack, seen),
        Step::Struggle => hold(Reason::PodsFailing, seen),
        Step::Short => hold(Reason::PodsMissing, seen),
        Step::Stalled => hold(Reason::ProgressDeadlineExceeded, seen),
        Step::RolledBack => hold(Reason::RolledBack, seen),
    }
}

/// No pod is asked for.
pub fn scaled_to_zero(seen: &Observed) -> String {
    format!(
        "No pod is asked for. To run some: `kubectl -n {} scale appsvc {} --replicas 1`.",
        seen.namespace, seen.name
    )
}

fn patch(seen: &Observed, change: &str) -> String {
    format!("kubectl -n {} patch appsvc {} --type merge -p '{change}'", seen.namespace, seen.name)
}

fn failing(seen: &Observed) -> String {
    let Some((pod, why)) = seen.failing.first_key_value() else {
        return "A pod could not come up.".to_owned();
    };
    let more = match seen.failing.len() {
        0 | 1 => String::new(),
        all => format!(" And so it is with {} more.", all - 1),
    };
    format!("Pod {pod} does not come up: {why}.{more}")
}

fn stalled(seen: &Observed) -> String {
    let (asked, serve) = seen.pods();
    let back = match seen.last_good() {
        Some(good) => format!(
            "Correct the spec, or bring the last revision back: `{}`.",
            patch(seen, &format!("{{\"spec\":{{\"rollbackTo\":\"{good}\"}}}}"))
        ),
        None => "Correct the spec.".to_owned(),
    };
    format!(
        "The rollout of revision {} made no progress for {} s. {} {serve} of {asked} pods serve. {back}",
        seen.spec.target,
        seen.spec.deadline_seconds,
        failing(seen),
    )
}

fn foreign_objects(seen: &Observed) -> String {
    let told = |(part, child): (Part, &Child)| match child {
        Child::Foreign { owner } => {
            Some(format!("{} {} belongs to {owner}", kind_of(part), seen.name))
        }
        Child::Ours { deleting: true, .. } => {
            Some(format!("{} {} is still being deleted", kind_of(part), seen.name))
        }
        Child::Unknown(why) => {
            Some(format!("{} {} could not be read: {why}", kind_of(part), seen.name))
        }
        Child::Absent | Child::Ours { deleting: false, .. } => None,
    };
    let taken = listed(seen.parts().filter_map(told), "A name is taken");
    format!(
        "{taken}. What is not ours is never taken over: rename this Service, or remove what is in \
         its way."
    )
}
