//! PURE. What each guard means, and what it looked at. A guard is a positive claim: what is not
//! known does not satisfy it.

use super::vocabulary::Guard;
use crate::crd::Rollback;
use crate::mutants;
use crate::service::app_service::observe::observed::Observed;
use crate::service::app_service::observe::part::kind_of;
use crate::service::app_service::report::messages::listed;

/// Whether `guard` is true of what was observed.
pub fn holds(guard: Guard, seen: &Observed) -> bool {
    mutants::told(guard.into(), is_so(guard, seen))
}

fn is_so(guard: Guard, seen: &Observed) -> bool {
    match guard {
        Guard::NamesFree => seen.parts().all(|(_, child)| child.is_free()),
        Guard::NumberOurs => {
            seen.spec.replicas.is_some() && seen.objects.deployment.uid().is_some()
        }
        Guard::EverServed => !seen.memory.revisions.is_empty(),
        Guard::SpecRuns => seen.spec.pinned.is_some() || seen.spec.target == seen.spec.revision,
        Guard::RollbackAutomatic => seen.spec.rollback == Rollback::Automatic,
        Guard::RollbackPossible => seen.last_good().is_some(),
        Guard::StepOverdue => {
            let since = seen.memory.step_since;
            since.is_some_and(|since| seen.now.duration_since(since) >= seen.deadline())
        }
    }
}

/// The value a guard looked at, for a person to read.
pub fn saw(guard: Guard, seen: &Observed) -> String {
    match guard {
        Guard::NamesFree => {
            let taken = seen.parts().filter(|(_, child)| !child.is_free());
            let taken = taken
                .map(|(part, child)| format!("{} {} {}", kind_of(part), seen.name, child.told()));
            listed(taken, "all names free")
        }
        Guard::NumberOurs => {
            let said =
                seen.spec.replicas.map_or_else(|| "is not said".to_owned(), |at| at.to_string());
            format!(
                "spec.replicas {said}, Deployment {} {}",
                seen.name,
                seen.objects.deployment.told()
            )
        }
        Guard::EverServed | Guard::RollbackPossible => {
            let kept = listed(seen.memory.revisions.iter().cloned(), "no revision");
            format!("{kept} rolled out whole; {} is to run", seen.spec.target)
        }
        Guard::SpecRuns => {
            let pinned = seen.spec.pinned.as_deref().unwrap_or("nothing");
            let asked = &seen.spec.revision;
            format!("{} is to run; the spec is {asked} and holds {pinned}", seen.spec.target)
        }
        Guard::RollbackAutomatic => match seen.spec.rollback {
            Rollback::Manual => "spec.rollback Manual",
            Rollback::Automatic => "spec.rollback Automatic",
        }
        .to_owned(),
        Guard::StepOverdue => {
            let since = seen.memory.step_since.unwrap_or(seen.now);
            let lasted = seen.now.duration_since(since).as_secs();
            format!("in this step for {lasted} s, of {}", seen.spec.deadline_seconds)
        }
    }
}
