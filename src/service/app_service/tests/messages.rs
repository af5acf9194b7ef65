//! PURE. What users are told: what is, why, and what to do next.

use crate::engine::Moved;
use crate::service::Kind;
use crate::service::app_service::App;
use crate::service::app_service::decide::vocabulary::{Reason, Step};
use crate::service::app_service::report::messages::{entered, hold};
use crate::service::app_service::worlds::{NEW, OLD, rolling, serving, stalled, worlds};
use strum::IntoEnumIterator;

#[test]
fn every_reason_and_step_is_a_sentence_in_every_world() {
    for seen in worlds() {
        let said = Reason::iter().map(|reason| hold(reason, &seen));
        for text in said.chain(Step::iter().map(|step| entered(step, &seen))) {
            assert!(text.ends_with('.') && text.len() < 1024, "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }
}

#[test]
fn what_failed_names_the_pod_and_the_command_that_brings_the_last_revision_back() {
    let text = hold(Reason::ProgressDeadlineExceeded, &stalled());
    assert!(text.contains(&format!("revision {NEW} made no progress for 60 s")), "{text}");
    assert!(text.contains("Pod a-1 does not come up: its image"), "{text}");
    assert!(text.contains("2 of 2 pods serve"), "{text}");
    let command = format!(
        "`kubectl -n default patch appsvc a --type merge -p '{{\"spec\":{{\"rollbackTo\":\"{OLD}\"}}}}'`"
    );
    assert!(text.contains(&command), "{text}");
    let never = stalled().with(|seen| seen.memory.revisions.clear());
    assert!(hold(Reason::ProgressDeadlineExceeded, &never).ends_with("Correct the spec."));
}

#[test]
fn an_unknown_revision_is_told_which_are_kept() {
    let seen = serving().pinned_to("0000000000000000");
    let text = hold(Reason::RevisionUnknown, &seen);
    assert!(text.contains(&format!("Kept are: {NEW}.")), "{text}");
    assert!(text.contains("\"rollbackTo\":null"), "{text}");
}

#[test]
fn a_strangers_object_is_named_with_whose_it_is() {
    let text = hold(Reason::ForeignObject, &serving().taken());
    assert!(text.starts_with("Service a belongs to Deployment web."), "{text}");
}

#[test]
fn a_move_into_trouble_is_a_warning_and_the_others_are_not() {
    let announced = |to: &str| {
        let (from, fact) = ("Running/Serving".to_owned(), "Looked".to_owned());
        App::announce(&rolling(), &Moved { from, fact, to: to.to_owned() })
    };
    for step in Step::iter() {
        let name: &str = step.into();
        let trouble = [Step::Struggle, Step::Short, Step::Stalled, Step::RolledBack];
        let said = announced(&format!("Phase/{name}"));
        assert_eq!(said.warning, trouble.contains(&step), "{step:?}");
        assert!(said.note.ends_with('.'), "{said:?}");
    }
    assert_eq!(announced("Phase/Juggling").note, "");
}
