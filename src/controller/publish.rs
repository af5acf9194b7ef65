//! SHELL. Announces moves as Kubernetes Events, one for each.

use crate::client::clean;
use crate::client::kubernetes::CALL_DEADLINE;
use crate::engine::Moved;
use crate::service::Announcement;
use kube::Resource;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};

/// The longest note the API takes, in bytes.
const NOTE_BYTES_MAX: usize = 1024;

/// Writes Events. An Event that cannot be written is logged and forgotten: it is not state.
pub struct Publisher {
    recorder: Recorder,
}

impl Publisher {
    /// Reports as the operator, in the name of one of its processes.
    pub fn new(client: kube::Client, instance: String) -> Self {
        let reporter = Reporter { controller: "etcd-operator".into(), instance: Some(instance) };
        Self { recorder: Recorder::new(client, reporter) }
    }

    /// Announces one move.
    pub async fn publish<O: Resource<DynamicType = ()>>(
        &self,
        object: &O,
        moved: &Moved,
        announcement: Announcement,
    ) {
        let event = event(moved, &announcement);
        let reference = object.object_ref(&());
        let write = self.recorder.publish(&event, &reference);
        match tokio::time::timeout(CALL_DEADLINE, write).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "failed to write an event"),
            Err(_) => tracing::warn!("failed to write an event in time"),
        }
    }
}

/// The Event of one move: its reason is the fact that moved the machine.
fn event(moved: &Moved, announcement: &Announcement) -> Event {
    let note = format!("{}. {}", moved.to, announcement.note);
    Event {
        type_: if announcement.warning { EventType::Warning } else { EventType::Normal },
        reason: moved.fact.clone(),
        note: Some(clean(&note, NOTE_BYTES_MAX)),
        action: "Transition".into(),
        secondary: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(warning: bool, note: &str) -> Event {
        let [from, fact, to] = ["Creating/Seal", "QuorumHeld", "Running/Steady"].map(str::to_owned);
        event(&Moved { from, fact, to }, &Announcement { warning, note: note.to_owned() })
    }

    #[test]
    fn an_event_names_the_fact_the_new_step_and_whether_someone_should_look() {
        let calm = noted(false, "The cluster runs.");
        assert!(matches!(calm.type_, EventType::Normal));
        assert_eq!((calm.reason.as_str(), calm.action.as_str()), ("QuorumHeld", "Transition"));
        assert_eq!(calm.note.as_deref(), Some("Running/Steady. The cluster runs."));
        assert!(matches!(noted(true, "").type_, EventType::Warning));
    }

    #[test]
    fn a_note_is_never_longer_than_the_api_takes() {
        let note = noted(false, &"é".repeat(2000)).note.unwrap();
        assert_eq!((note.len(), note.ends_with('é')), (1024, true));
    }
}
