//! PURE. What runs: the spec, a revision that is held, or the one before a rollout that failed.

use super::status::{app, status_of};
use crate::crd::{AppRevision, AppRolledBack, AppService, Rollback};
use crate::resource::app::revision;
use crate::service::app_service::decide::desired::effective;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// A service whose image is now this one, and that ran `web:1` before.
fn edited(image: &str) -> (AppService, String) {
    let old = app("web:1");
    let name = revision(&old.spec);
    let mut now = app(image);
    let kept = AppRevision {
        name: name.clone(),
        at: Time(Timestamp::UNIX_EPOCH),
        template: old.spec.template(),
    };
    status_of(&mut now).revisions = vec![kept];
    (now, name)
}

fn runs(app: &AppService) -> String {
    effective(app).into_owned().spec.image
}

#[test]
fn without_more_the_spec_runs() {
    assert_eq!(runs(&edited("web:2").0), "web:2");
    assert_eq!(*effective(&app("web:1")), app("web:1"));
}

#[test]
fn a_revision_that_is_held_runs_and_one_that_is_not_kept_does_not() {
    let (mut now, old) = edited("web:2");
    now.spec.replicas = Some(7);
    now.spec.rollback_to = Some(old);
    assert_eq!((runs(&now).as_str(), effective(&now).spec.replicas), ("web:1", Some(7)));
    now.spec.rollback_to = Some("0000000000000000".to_owned());
    assert_eq!(runs(&now), "web:2");
    now.spec.rollback_to = Some(revision(&now.spec));
    assert_eq!(runs(&now), "web:2");
}

#[test]
fn what_was_taken_back_stays_so_until_the_spec_asks_for_something_else() {
    let (mut now, old) = edited("web:2");
    now.spec.rollback = Rollback::Automatic;
    let from = revision(&now.spec);
    status_of(&mut now).rolled_back = Some(AppRolledBack { from, to: old });
    assert_eq!(runs(&now), "web:1");
    let mut manual = now.clone();
    manual.spec.rollback = Rollback::Manual;
    assert_eq!(runs(&manual), "web:2");
    now.spec.image = "web:3".to_owned();
    assert_eq!(runs(&now), "web:3");
}

#[test]
fn a_revision_that_cannot_be_read_is_none() {
    let (mut now, old) = edited("web:2");
    now.spec.rollback_to = Some(old);
    status_of(&mut now).revisions[0].template = serde_json::json!({"image": 7});
    assert_eq!(runs(&now), "web:2");
}
