//! PURE. What a pod's status says of it.

use k8s_openapi::api::core::v1::{ContainerStatus, PodCondition, PodStatus};

/// One of its conditions.
pub fn condition<'a>(status: &'a PodStatus, kind: &str) -> Option<&'a PodCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == kind)
}

/// What keeps the pod from running, in Kubernetes' own words; nothing while it is on its way.
pub fn waiting(status: &PodStatus) -> Option<String> {
    if let Some(placed) =
        condition(status, "PodScheduled").filter(|placed| placed.status == "False")
    {
        let why = placed.message.as_deref().or(placed.reason.as_deref())?;
        // The scheduler's first sentence says why; the others are about preemption.
        return Some(why.split(". ").next().unwrap_or(why).trim_end_matches('.').to_owned());
    }
    let gates = status.init_container_statuses.iter().flatten();
    let mut all = gates.chain(status.container_statuses.iter().flatten());
    all.find_map(|container| {
        let state = container.state.as_ref()?;
        let Some(waits) = &state.waiting else {
            // The next start is under way, and may end just so.
            let again = state.running.is_some() && !container.ready;
            return exit(container).filter(|_| again).map(|exit| restarts(&exit));
        };
        match waits.reason.as_deref()? {
            "ContainerCreating" | "PodInitializing" => None,
            // Kubernetes says the two in turn, for as long as it lasts.
            "ErrImagePull" | "ImagePullBackOff" => {
                Some(format!("its image {} cannot be pulled", container.image))
            }
            reason => Some(exit(container).map_or_else(
                || format!("{reason}: {}", waits.message.as_deref().unwrap_or("no message")),
                |exit| restarts(&exit),
            )),
        }
    })
}

/// One that ends again and again is told of the same way between two ends.
fn restarts(exit: &str) -> String {
    format!("its container restarts, {exit}")
}

fn exit(container: &ContainerStatus) -> Option<String> {
    let ended = container.last_state.as_ref()?.terminated.as_ref()?;
    let reason = ended.reason.as_deref().unwrap_or("Error");
    Some(format!("last exit code {} ({reason})", ended.exit_code))
}
