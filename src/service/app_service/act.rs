//! SHELL. Performs actions: the only writer of anything but the status.

use super::decide::action::Action;
use super::decide::desired::effective;
use super::observe::observed::KeepPart;
use super::observe::part::Part;
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::client::{Answer, ApiError, answer};
use crate::crd::AppService;
use crate::resource::app::{config_map, deployment, ingress, service};
use crate::resource::apply::{self, Expected};
use crate::resource::names;
use crate::service::{World, parts};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;

/// Performs one action. What it expects to find is checked by the API server in the same call.
pub async fn perform(world: &World, app: &AppService, action: &Action) -> Answer {
    match try_perform(world, app, action).await {
        Ok(()) => Answer::Ok,
        Err(error) => answer(&error),
    }
}

async fn try_perform(world: &World, app: &AppService, action: &Action) -> Result<(), ApiError> {
    let runs = effective(app);
    match action {
        Action::Keep { parts } => {
            for part in parts {
                keep(world, &runs, part).await?;
            }
            Ok(())
        }
        Action::Remove { parts } => {
            for (part, uid) in parts {
                remove(world, app, *part, uid).await?;
            }
            Ok(())
        }
        Action::Scale { uid, generation, replicas } => {
            let api = Api::<Deployment>::namespaced(world.api.clone(), names::namespace(app));
            let expected = Expected { uid, generation: *generation };
            let replicas = i32::try_from(*replicas).unwrap_or(i32::MAX);
            let call = apply::scale(&api, names::owner(app), &expected, replicas);
            deadline(CALL_DEADLINE, call).await.map(drop)
        }
    }
}

async fn keep(world: &World, runs: &AppService, part: &KeepPart<Part>) -> Result<(), ApiError> {
    let (part, expected) = parts::expected(part);
    let expected = expected.as_ref();
    match part {
        Part::ConfigMap => match config_map::build(runs) {
            Some(files) => parts::put(world, files, expected).await,
            None => Ok(()),
        },
        Part::Service => parts::put(world, service::build(runs), expected).await,
        Part::Ingress => match ingress::build(runs) {
            Some(way) => parts::put(world, way, expected).await,
            None => Ok(()),
        },
        Part::Deployment if expected.is_none() => {
            parts::put(world, deployment::as_made(runs), None).await
        }
        Part::Deployment => parts::put(world, deployment::build(runs), expected).await,
    }
}

async fn remove(world: &World, app: &AppService, part: Part, uid: &str) -> Result<(), ApiError> {
    let (api, namespace, name) = (world.api.clone(), names::namespace(app), names::owner(app));
    match part {
        Part::ConfigMap => {
            parts::delete(&Api::<ConfigMap>::namespaced(api, namespace), name, uid).await
        }
        Part::Ingress => {
            parts::delete(&Api::<Ingress>::namespaced(api, namespace), name, uid).await
        }
        // They are asked for as long as there is an owner, and go with it.
        Part::Service | Part::Deployment => Ok(()),
    }
}
