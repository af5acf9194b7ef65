//! PURE. What runs: the spec's own template, or one that was rolled out whole before.

use crate::crd::{AppService, AppServiceSpec, Rollback};
use crate::resource::app::revision;
use std::borrow::Cow;

/// The service as it is to run: with the pods of the revision that is held, or of the one before a
/// rollout that failed, or of the spec. A function of spec and status alone.
///
/// A rollout that was taken back is tried again once the spec asks for something else, or no longer
/// takes back by itself.
pub fn effective(app: &AppService) -> Cow<'_, AppService> {
    let own = revision(&app.spec);
    let status = app.status.as_ref();
    let automatic = app.spec.rollback == Rollback::Automatic;
    let taken_back = status.and_then(|status| status.rolled_back.as_ref());
    let taken_back = taken_back.filter(|back| automatic && back.from == own).map(|back| &back.to);
    let wanted = app.spec.rollback_to.as_ref().or(taken_back).filter(|wanted| **wanted != own);
    match wanted.and_then(|wanted| kept(app, wanted)) {
        Some(spec) => Cow::Owned(AppService { spec, ..app.clone() }),
        None => Cow::Borrowed(app),
    }
}

/// The spec with the pods of a revision that is kept.
fn kept(app: &AppService, name: &str) -> Option<AppServiceSpec> {
    let kept = &app.status.as_ref()?.revisions;
    let found = kept.iter().find(|kept| kept.name == name)?;
    app.spec.with_template(&found.template)
}
