//! SHELL. Announces moves as Kubernetes Events, one for each.

use crate::client::clean;
use crate::client::kubernetes::CALL_DEADLINE;
use crate::engine::Moved;
use crate::service::Announcement;
use crate::telemetry;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Resource;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use tokio::sync::mpsc;

/// The longest note the API takes, in bytes.
const NOTE_BYTES_MAX: usize = 1024;

/// How many Events may wait to be written. More are dropped: an Event is not state.
const WAITING_MAX: usize = 1024;

/// Announces moves. An Event that cannot be written is logged and forgotten.
#[derive(Clone)]
pub struct Publisher {
    way: Way,
}

#[derive(Clone)]
enum Way {
    /// Within the turn.
    InPlace(Recorder),
    /// By the task that writes them all, one after the other.
    Queue(mpsc::Sender<Announced>),
}

/// An Event, and the object it is about.
type Announced = (Event, ObjectReference);

impl Publisher {
    /// Reports as the operator, in the name of one of its processes, within the turn that moved.
    pub fn new(client: kube::Client, instance: String) -> Self {
        Self { way: Way::InPlace(recorder(client, instance)) }
    }

    /// Reports the same without keeping any turn waiting, and what writes the Events: it ends once
    /// no publisher is left and the queue is empty, and writes only while `may_act`.
    pub fn queued(
        client: kube::Client,
        instance: String,
        may_act: impl Fn() -> bool + Send,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (queue, mut announced) = mpsc::channel::<Announced>(WAITING_MAX);
        let recorder = recorder(client, instance);
        let drain = async move {
            while let Some((event, object)) = announced.recv().await {
                if may_act() {
                    write(&recorder, &event, &object).await;
                } else {
                    telemetry::event("dropped");
                }
            }
        };
        (Self { way: Way::Queue(queue) }, drain)
    }

    /// Announces one move.
    pub async fn publish<O: Resource<DynamicType = ()>>(
        &self,
        object: &O,
        moved: &Moved,
        announcement: &Announcement,
    ) {
        let (event, object) = (event(moved, announcement), object.object_ref(&()));
        match &self.way {
            Way::InPlace(recorder) => write(recorder, &event, &object).await,
            Way::Queue(queue) => {
                if queue.try_send((event, object)).is_err() {
                    telemetry::event("dropped");
                }
            }
        }
    }
}

fn recorder(client: kube::Client, instance: String) -> Recorder {
    let reporter = Reporter { controller: "etcd-operator".into(), instance: Some(instance) };
    Recorder::new(client, reporter)
}

async fn write(recorder: &Recorder, event: &Event, object: &ObjectReference) {
    let write = recorder.publish(event, object);
    let failure = match tokio::time::timeout(CALL_DEADLINE, write).await {
        Ok(Ok(())) => return telemetry::event("written"),
        Ok(Err(error)) => error.to_string(),
        Err(late) => late.to_string(),
    };
    telemetry::event("failed");
    let (kind, namespace, name) = (&object.kind, &object.namespace, &object.name);
    tracing::warn!(kind, namespace, name, error = failure, "failed to write an event");
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
    use futures::FutureExt;
    use k8s_openapi::api::core::v1::Pod;
    use kube::client::Body;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

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

    /// A server that answers nothing until it may, and counts what it was asked to write.
    fn slow(answers: Arc<Semaphore>, asked: Arc<AtomicUsize>) -> kube::Client {
        let service = tower::service_fn(move |_: http::Request<Body>| {
            let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
            async move {
                asked.fetch_add(1, Ordering::SeqCst);
                answers.acquire().await.unwrap().forget();
                Ok::<_, Infallible>(http::Response::new(Body::from(b"{}".to_vec())))
            }
        });
        kube::Client::new(service, "default")
    }

    fn moved(at: usize) -> Moved {
        let [from, fact] = ["Creating/Seal", "QuorumHeld"].map(str::to_owned);
        Moved { from, fact, to: format!("Running/{at}") }
    }

    #[tokio::test]
    async fn no_turn_waits_for_an_event_and_the_queue_has_an_end() {
        let (answers, asked) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let client = slow(Arc::clone(&answers), Arc::clone(&asked));
        let (publisher, drain) = Publisher::queued(client, "test".to_owned(), || true);
        let drain = tokio::spawn(drain);
        let (pod, announcement) =
            (Pod::default(), Announcement { warning: false, note: String::new() });
        for at in 0..2 * WAITING_MAX {
            let moved = moved(at);
            let done = publisher.publish(&pod, &moved, &announcement).now_or_never();
            assert!(done.is_some(), "a turn waits for event {at}");
        }
        drop(publisher);
        answers.add_permits(10 * WAITING_MAX);
        drain.await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), WAITING_MAX, "what was queued is written");
    }

    #[tokio::test]
    async fn no_event_is_written_by_an_operator_that_does_not_lead() {
        let asked = Arc::new(AtomicUsize::new(0));
        let client = slow(Arc::new(Semaphore::new(10)), Arc::clone(&asked));
        let (publisher, drain) = Publisher::queued(client, "test".to_owned(), || false);
        let announcement = Announcement { warning: false, note: String::new() };
        publisher.publish(&Pod::default(), &moved(0), &announcement).await;
        drop(publisher);
        drain.await;
        assert_eq!(asked.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_note_is_never_longer_than_the_api_takes() {
        let note = noted(false, &"é".repeat(2000)).note.unwrap();
        assert_eq!((note.len(), note.ends_with('é')), (1024, true));
    }
}
