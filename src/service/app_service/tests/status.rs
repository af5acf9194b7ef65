//! PURE. The status: what is remembered, and what is told.

use crate::crd::{AppService, AppServiceStatus, REVISIONS_MAX, Rollback};
use crate::engine::settle;
use crate::resource::app::revision;
use crate::service::Kind;
use crate::service::app_service::App;
use crate::service::app_service::decide::machine::AppServiceMachine;
use crate::service::app_service::decide::vocabulary::{Reason, Step};
use crate::service::app_service::observe::observed::{Observed, Rollout};
use crate::service::app_service::observe::recorded::memory;
use crate::service::app_service::report::status::next;
use crate::service::app_service::worlds::{fresh, made, rolling, serving, stalled};
use serde_json::json;
use strum::IntoEnumIterator;

/// A service of this image.
pub(super) fn app(image: &str) -> AppService {
    serde_json::from_value(json!({
        "apiVersion": "apps.etcd.io/v1alpha1", "kind": "Service",
        "metadata": {"name": "a", "namespace": "default", "uid": "uid-1", "generation": 3},
        "spec": {"image": image, "replicas": 2},
    }))
    .unwrap()
}

pub(super) fn status_of(app: &mut AppService) -> &mut AppServiceStatus {
    app.status.get_or_insert_default()
}

/// The status after a turn from a step; what is seen is about the object's own revision.
fn after(app: &AppService, from: Step, seen: Observed) -> AppServiceStatus {
    let own = revision(&app.spec);
    let seen = seen.with(|seen| {
        seen.memory.revision.as_mut().into_iter().for_each(|at| own.clone_into(at));
        own.clone_into(&mut seen.spec.target);
        own.clone_into(&mut seen.spec.revision);
    });
    let settled = settle::<AppServiceMachine>(from, &seen).unwrap();
    next(app, &seen, &settled)
}

/// Status and reason of each condition: Available, Progressing and Degraded.
fn said(status: &AppServiceStatus) -> String {
    let all = status.conditions.iter().map(|at| format!("{} {}", at.status, at.reason));
    all.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_rollout_that_begins_and_ends_is_remembered() {
    let begun = after(&app("web:1"), Step::Assemble, fresh());
    assert_eq!(begun.revision, Some(revision(&app("web:1").spec)));
    assert_eq!((begun.phase.as_deref(), begun.step.as_deref()), (Some("Creating"), Some("Start")));
    assert!(begun.revision_since.is_some() && begun.revisions.is_empty());

    let mut going = app("web:1");
    going.status = Some(begun);
    let done = after(&going, Step::Start, serving());
    assert_eq!((done.phase.as_deref(), done.desired), (Some("Running"), Some(2)));
    assert_eq!(done.revisions.len(), 1);
    assert_eq!(Some(&done.revisions[0].name), done.revision.as_ref());
    assert_eq!(done.transitions.len(), 2);
    let remembered = memory(&AppService { status: Some(done), ..going });
    assert_eq!((remembered.step.as_deref(), remembered.desired), (Some("Serving"), Some(2)));
}

#[test]
fn only_the_last_revisions_are_kept_each_once() {
    let mut status = AppServiceStatus::default();
    for image in ["web:1", "web:2", "web:3", "web:4", "web:2"] {
        let mut object = app(image);
        object.status = Some(status);
        status = after(&object, Step::Roll, serving());
    }
    assert_eq!(status.revisions.len(), REVISIONS_MAX);
    let images: Vec<_> =
        status.revisions.iter().map(|kept| kept.template["image"].clone()).collect();
    assert_eq!(images, ["web:3", "web:4", "web:2"]);
}

#[test]
fn what_was_taken_back_is_forgotten_with_the_spec_that_asked_for_it() {
    let mut object = app("web:2");
    object.spec.rollback = Rollback::Automatic;
    let back = after(&object, Step::Stalled, stalled().automatic());
    let taken = back.rolled_back.clone().unwrap();
    assert_eq!(
        (taken.from, Some(taken.to.clone())),
        (revision(&object.spec), back.revision.clone())
    );
    let mut another = app("web:3");
    another.status = Some(back);
    assert_eq!(after(&another, Step::RolledBack, serving()).rolled_back, None);
}

#[test]
fn a_turn_in_which_nothing_changed_leaves_the_status_as_it_is() {
    let mut object = app("web:1");
    object.status = Some(after(&object, Step::Roll, serving()));
    let again = after(&object, Step::Serving, serving());
    assert_eq!(Some(&again), object.status.as_ref());
    assert_eq!(App::status(&object), object.status.as_ref());
    assert_eq!(App::recorded(&object), Some("Serving"));
}

#[test]
fn the_conditions_say_what_serves_what_goes_on_and_what_is_wrong() {
    let none = serving().pods_are(|is| *is = Rollout { current: true, ..Rollout::default() });
    let none = none.with(|seen| {
        (seen.spec.replicas, seen.memory.desired, seen.serving_endpoints) = (Some(0), Some(0), 0);
    });
    let paused = |seen: Observed| seen.with(|seen| seen.spec.paused = true);
    for (from, seen, expected) in [
        (Step::Roll, serving(), "True Serving, False Serving, False AsExpected"),
        (Step::Start, made(), "False PodsStarting, True PodsStarting, False AsExpected"),
        (Step::Roll, rolling().failing(), "True Serving, True PodsFailing, True PodsFailing"),
        (
            Step::Struggle,
            stalled(),
            "True Serving, False ProgressDeadlineExceeded, True ProgressDeadlineExceeded",
        ),
        (Step::Serving, paused(serving()), "True Serving, False Paused, False AsExpected"),
        (
            Step::Stalled,
            paused(stalled()),
            "True Serving, False Paused, True ProgressDeadlineExceeded",
        ),
        (
            Step::Start,
            made().taken(),
            "False ForeignObject, False ForeignObject, True ForeignObject",
        ),
        (Step::Serving, none, "False ScaledToZero, False Serving, False AsExpected"),
    ] {
        assert_eq!(said(&after(&app("web:1"), from, seen)), expected, "{from:?}");
    }
}

#[test]
fn pods_of_another_template_are_not_counted_as_updated() {
    let drifted = crate::service::app_service::worlds::edited();
    assert_eq!(after(&app("web:1"), Step::Serving, drifted).updated, 0);
    assert_eq!(after(&app("web:1"), Step::Roll, rolling()).updated, 1);
}

#[test]
fn only_a_service_at_rest_is_left_alone_for_a_minute() {
    for step in Step::iter() {
        let mut settled = settle::<AppServiceMachine>(step, &serving()).unwrap();
        (settled.to, settled.held) = (step, vec![]);
        let rests = [Step::Serving, Step::RolledBack].contains(&step);
        let wait = App::look_again(&serving(), &settled).as_secs();
        assert_eq!(wait, if rests { 60 } else { 2 }, "{step:?}");
        settled.held = vec![Reason::ForeignObject];
        assert!(step == Step::RolledBack || App::look_again(&serving(), &settled).as_secs() == 2);
    }
}
