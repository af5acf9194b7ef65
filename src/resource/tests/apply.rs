//! SHELL. What `apply` sends, and what it makes of the answers.

use crate::resource::app::{BUILT_ANNOTATION, samples as app_samples, service as app_service};
use crate::resource::apply::{self, Changes, Expected};
use crate::resource::{client_service, samples};
use axum::http::{Request, Response};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::api::{Api, PropagationPolicy};
use kube::client::Body;
use kube::{Client, Error};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
struct Sent {
    line: String,
    body: Value,
}

/// An API server that gives these answers in turn, and what it was sent.
fn server(answers: Vec<(u16, Value)>) -> (Client, Arc<Mutex<Vec<Sent>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let (log, answers) = (sent.clone(), Arc::new(Mutex::new(answers.into_iter())));
    let service = tower::service_fn(move |request: Request<Body>| {
        let (log, answers) = (log.clone(), answers.clone());
        async move {
            let line = format!("{} {}", request.method(), request.uri());
            let body = request.into_body().collect_bytes().await.unwrap();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            log.lock().push(Sent { line, body });
            let (code, answer) = answers.lock().next().unwrap();
            let answer = Body::from(serde_json::to_vec(&answer).unwrap());
            Ok::<_, Infallible>(Response::builder().status(code).body(answer).unwrap())
        }
    });
    (Client::new(service, "resource-test"), sent)
}

fn refusal(code: u16) -> (u16, Value) {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "no", "reason": "Conflict", "code": code});
    (code, status)
}

fn service() -> Service {
    let cluster = samples::minimal();
    client_service::build(&cluster, &samples::shape(&cluster))
}

const PATH: &str = "/api/v1/namespaces/resource-test/services/demo-client?";

const EXPECTED: Expected<'_> = Expected { uid: "its-uid", generation: Some(2) };

/// The object as it is found before it is changed.
fn found(uid: &str, generation: i64, version: &str) -> (u16, Value) {
    let metadata = json!({"name": "demo-client", "uid": uid, "generation": generation,
        "resourceVersion": version});
    (
        200,
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}),
    )
}

#[tokio::test]
async fn an_update_forces_the_object_that_was_seen() {
    let (client, sent) = server(vec![found("its-uid", 2, "7"), (200, json!(service()))]);
    apply::update(&Api::default_namespaced(client), &service(), &EXPECTED).await.unwrap();
    let sent = sent.lock();
    let patch = &sent[1];
    assert_eq!(patch.line, format!("PATCH {PATH}&force=true&fieldManager=etcd-operator"));
    assert_eq!(patch.body["metadata"]["uid"], "its-uid");
    assert_eq!(patch.body["metadata"]["resourceVersion"], "7");
}

#[tokio::test]
async fn an_update_of_another_object_or_another_spec_changes_nothing() {
    for other in [found("another", 2, "7"), found("its-uid", 3, "7")] {
        let (client, sent) = server(vec![other]);
        let refused = apply::update(&Api::default_namespaced(client), &service(), &EXPECTED).await;
        assert!(matches!(refused, Err(Error::Api(status)) if status.code == 409));
        assert_eq!(sent.lock().len(), 1);
    }
}

#[tokio::test]
async fn an_update_is_tried_again_when_only_the_status_changed_and_not_for_ever() {
    let again = |version| [found("its-uid", 2, version), refusal(409)];
    let answers = [again("7"), again("8"), again("9"), again("10")].concat();
    let (client, sent) = server(answers);
    let refused = apply::update(&Api::default_namespaced(client), &service(), &EXPECTED).await;
    assert!(matches!(refused, Err(Error::Api(status)) if status.code == 409));
    let sent = sent.lock();
    let versions: Vec<_> =
        sent.iter().skip(1).step_by(2).map(|at| &at.body["metadata"]["resourceVersion"]).collect();
    assert_eq!(versions, ["7", "8", "9", "10"]);
}

#[tokio::test]
async fn an_update_takes_out_of_our_lists_and_selectors_what_apply_leaves_to_others() {
    let mut left = json!(service());
    left["metadata"]["resourceVersion"] = json!("8");
    left["spec"]["ports"].as_array_mut().unwrap().push(json!({"port": 1}));
    left["spec"]["selector"]["theirs"] = json!("x");
    let answers = vec![found("its-uid", 2, "7"), (200, left), (200, json!(service()))];
    let (client, sent) = server(answers);
    let mended = apply::update(&Api::default_namespaced(client), &service(), &EXPECTED).await;
    assert_eq!(mended.unwrap(), service());
    let sent = sent.lock();
    assert_eq!(sent[2].line, format!("PATCH {PATH}&fieldManager=etcd-operator"));
    assert_eq!(sent[2].body["metadata"]["uid"], "its-uid");
    assert_eq!(sent[2].body["metadata"]["resourceVersion"], "8");
    assert_eq!(sent[2].body["spec"]["ports"], sent[1].body["spec"]["ports"]);
    assert_eq!(sent[2].body["spec"]["selector"]["theirs"], Value::Null);
}

#[tokio::test]
async fn a_deletion_names_the_uid_and_version_and_is_content_with_nothing_there() {
    let gone = json!({"kind": "Status", "status": "Success", "metadata": {}});
    let (client, sent) = server(vec![(200, gone), refusal(404), refusal(409)]);
    let api = Api::<Service>::default_namespaced(client);
    let mut results = Vec::new();
    for version in [Some("7"), None, None] {
        let policy = PropagationPolicy::Foreground;
        results.push(apply::delete(&api, "demo-client", "its-uid", version, policy).await);
    }
    assert!(matches!(
        results.as_slice(),
        [Ok(()), Ok(()), Err(Error::Api(status))] if status.code == 409
    ));
    let sent = sent.lock();
    assert_eq!(sent[0].line, format!("DELETE {PATH}"));
    assert_eq!(
        sent[0].body,
        json!({"propagationPolicy": "Foreground",
            "preconditions": {"uid": "its-uid", "resourceVersion": "7"}})
    );
    assert_eq!(sent[1].body["preconditions"], json!({"uid": "its-uid"}));
}

#[tokio::test]
async fn a_pods_metadata_is_changed_only_where_asked() {
    let (client, sent) = server(vec![(200, json!(Pod::default()))]);
    let labels =
        Changes::from([("set".to_owned(), Some("1".to_owned())), ("gone".to_owned(), None)]);
    let api = Api::default_namespaced(client);
    apply::patch_pod_metadata(&api, "demo-0", "its-uid", &labels, &Changes::new()).await.unwrap();
    let body = &sent.lock()[0].body;
    let expected = json!({"uid": "its-uid", "labels": {"set": "1", "gone": null}});
    assert_eq!(*body, json!({ "metadata": expected }));
}

#[tokio::test]
async fn finalizers_are_written_whole_onto_the_object_as_it_was_read() {
    let (client, sent) = server(vec![(200, json!(service()))]);
    let mut read = service();
    read.metadata.uid = Some("its-uid".to_owned());
    read.metadata.resource_version = Some("7".to_owned());
    let finalizers = ["theirs".to_owned(), "ours".to_owned()];
    let api = Api::default_namespaced(client);
    apply::set_finalizers(&api, &read, &finalizers).await.unwrap();
    let expected = json!({"uid": "its-uid", "resourceVersion": "7", "finalizers": finalizers});
    assert_eq!(sent.lock()[0].body, json!({ "metadata": expected }));
}

/// What an earlier version of a service asked for and this one does not would stay: apply takes away
/// only what it put there.
#[tokio::test]
async fn what_was_made_is_handed_over_to_apply_before_it_is_built_otherwise() {
    let desired = app_service::build(&app_samples::minimal());
    let (_, mut live) = found("its-uid", 2, "7");
    live["metadata"]["annotations"] = json!({ BUILT_ANNOTATION: "another" });
    live["metadata"]["managedFields"] = json!([{
        "manager": "etcd-operator", "operation": "Update", "apiVersion": "v1",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:type": {}}}}]);
    let mut handed = json!(desired);
    handed["metadata"]["resourceVersion"] = json!("8");
    let answers = vec![(200, live.clone()), (200, handed), (200, json!(desired))];
    let (client, sent) = server(answers);
    apply::update(&Api::default_namespaced(client), &desired, &EXPECTED).await.unwrap();
    let told = sent.lock()[1].body["metadata"].clone();
    assert_eq!(told["resourceVersion"], "7");
    assert_eq!(told["managedFields"][0]["operation"], "Apply");
    assert_eq!(sent.lock()[2].body["metadata"]["resourceVersion"], "8");

    // What is built as it was is mended at once.
    live["metadata"]["annotations"] = json!(desired.metadata.annotations);
    let (client, sent) = server(vec![(200, live), (200, json!(desired))]);
    apply::update(&Api::default_namespaced(client), &desired, &EXPECTED).await.unwrap();
    assert_eq!(sent.lock().len(), 2);
}

#[tokio::test]
async fn the_number_of_pods_is_written_by_itself_onto_the_object_that_was_seen() {
    let answers = vec![found("its-uid", 2, "7"), (200, json!(Deployment::default()))];
    let (client, sent) = server(answers);
    let api = Api::<Deployment>::default_namespaced(client);
    apply::scale(&api, "demo-client", &EXPECTED, 5).await.unwrap();
    let metadata = json!({"uid": "its-uid", "resourceVersion": "7"});
    let body = json!({ "metadata": metadata, "spec": { "replicas": 5 } });
    assert_eq!(sent.lock()[1].body, body);
    for other in [found("another", 2, "7"), found("its-uid", 3, "7")] {
        let (client, sent) = server(vec![other]);
        let api = Api::<Deployment>::default_namespaced(client);
        let refused = apply::scale(&api, "demo-client", &EXPECTED, 5).await;
        assert!(matches!(refused, Err(Error::Api(status)) if status.code == 409));
        assert_eq!(sent.lock().len(), 1);
    }
}
