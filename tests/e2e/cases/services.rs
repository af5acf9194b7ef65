//! SHELL. Services: made, reached, changed, broken, healed, deleted. The program is busybox' `httpd`
//! over the service's own files, or etcd, which answers `/version`, too.

use crate::audit::total;
use crate::case::{Context, merge};
use crate::operator::get;
use crate::random::Random;
use crate::tool::field;
use crate::visitor::Visitor;
use crate::wait::{throughout, until};
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::{AppService, AppServiceStatus};
use futures::TryStreamExt;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use k8s_openapi::api::networking::v1::Ingress;
use kube::ResourceExt;
use kube::api::{DeleteParams, PostParams, WatchParams};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// A write for each of its four objects, and an Event for each of two moves.
const WRITES_BUT_STATUS: u32 = 6;
/// What a watch does not show yet is looked for: each of its objects, in a turn or two.
const READS_MAX: u32 = 8;
/// How long nothing may be asked of the API server once all is well.
const REST_SECONDS: u64 = 15;
/// An image no node has.
const MISSING: &str = "registry.local/missing:1";

fn status(app: &AppService) -> AppServiceStatus {
    app.status.clone().unwrap_or_default()
}

fn said(app: &AppService) -> String {
    let status = status(app);
    let conditions = status.conditions.iter();
    let conditions: Vec<String> = conditions
        .map(|said| format!("{}={} {}: {}", said.type_, said.status, said.reason, said.message))
        .collect();
    format!("{:?}/{:?}, {}", status.phase, status.step, conditions.join("; "))
}

impl Context {
    /// Makes a service of files. What the spec leaves out is as tests need it.
    async fn serve(&self, name: &str, spec: Value) -> Result<AppService> {
        let mut whole = json!({
            "image": "registry.local/busybox:1", "replicas": 2,
            "command": ["httpd", "-f", "-p", "8080", "-h", "/etc/config"],
            "configData": {"version": "one"}, "probes": {"readyPath": "/version"},
            "security": {"runAsUser": 65532}, "progressDeadlineSeconds": 60,
        });
        merge(&mut whole, spec);
        let object = serde_json::from_value(json!({
            "apiVersion": "apps.etcd.io/v1alpha1", "kind": "Service",
            "metadata": {"name": name}, "spec": whole,
        }))?;
        let created = self.api::<AppService>().create(&PostParams::default(), &object).await;
        created.with_context(|| format!("failed to create {name}"))
    }

    async fn respec(&self, name: &str, spec: Value) -> Result<AppService> {
        self.patch(name, json!({ "spec": spec })).await
    }

    /// Waits for a step.
    async fn in_step(&self, name: &str, step: &str, seconds: u64) -> Result<AppService> {
        until(format!("{name} is in {step}"), seconds, async || {
            let app = self.api::<AppService>().get(name).await?;
            ensure!(status(&app).step.as_deref() == Some(step), "{}", said(&app));
            Ok(app)
        })
        .await
    }

    /// Waits until a service serves what its spec asks for, and all of it.
    async fn serving(&self, name: &str, seconds: u64) -> Result<AppService> {
        until(format!("{name} serves"), seconds, async || {
            let app = self.api::<AppService>().get(name).await?;
            let now = status(&app);
            let is = |kind: &str, wanted: &str| {
                now.conditions.iter().any(|at| at.type_ == kind && at.status == wanted)
            };
            ensure!(
                now.phase.as_deref() == Some("Running")
                    && now.observed_generation == app.metadata.generation
                    && app.spec.replicas.is_none_or(|asked| now.ready == asked)
                    && is("Available", "True")
                    && is("Progressing", "False")
                    && is("Degraded", "False"),
                "{}",
                said(&app)
            );
            Ok(app)
        })
        .await
    }

    /// How often an object changed since then; a write that changes nothing makes no version.
    async fn changes_since(&self, then: &AppService) -> Result<u32> {
        let named = format!("metadata.name={}", then.name_any());
        let params = WatchParams::default().fields(&named).disable_bookmarks().timeout(2);
        let version = then.resource_version().context("no version")?;
        let events = self.api::<AppService>().watch(&params, &version).await?;
        Ok(u32::try_from(events.try_collect::<Vec<_>>().await?.len())?)
    }

    /// The address of its Service.
    async fn address(&self, name: &str) -> Result<SocketAddr> {
        let service = self.api::<Service>().get(name).await?;
        let spec = service.spec.context("no spec")?;
        let ip = spec.cluster_ip.context("no address")?;
        Ok(SocketAddr::new(ip.parse()?, 8080))
    }

    /// Waits until it answers this.
    async fn answers(&self, name: &str, wanted: &str) -> Result<()> {
        let address = self.address(name).await?;
        until(format!("{name} answers {wanted}"), 60, async || {
            let answer = get(address, "/version").await?;
            ensure!(answer.contains(wanted), "it answers {answer}");
            Ok(())
        })
        .await
    }
}

/// Made in few requests, reached through its address, at rest in silence, and gone with all of it.
pub async fn create(context: &Context) -> Result<()> {
    let audit = context.audit()?;
    let made = context.serve("web", json!({"ingress": {"host": "web.example.com"}})).await?;
    let app = context.serving("web", 60).await?;
    let requests = audit.requests(&context.namespace)?;
    context.figure("service_create_requests", total(&requests));
    // How often its status changes depends on how far apart its pods come up.
    let count = |of| requests.get(of).copied().unwrap_or_default();
    let (told, late) = (count("patch services"), count("conflict services"));
    let changes = context.changes_since(&made).await?;
    ensure!(told.max(late) <= changes, "its status changed {changes} times: {requests:?}");
    let is_read = |line: &str| line.starts_with("get ") || line.starts_with("list ");
    let reads: u32 =
        requests.iter().filter(|(line, _)| is_read(line)).map(|(_, count)| count).sum();
    let writes = total(&requests) - reads;
    ensure!(writes <= told + late + WRITES_BUT_STATUS && reads <= READS_MAX, "{requests:?}");
    ensure!(status(&app).url.as_deref() == Some("http://web.example.com/"), "{:?}", status(&app));
    context.answers("web", "one").await?;
    let pods = context.kubectl("get pods -l app.kubernetes.io/instance=web -o name").await?;
    ensure!(pods.lines().count() == 2, "{pods}");

    let audit = context.audit()?;
    throughout("nobody asks anything at rest", REST_SECONDS, async || {
        let requests = audit.requests(&context.namespace)?;
        ensure!(total(&requests) == 0, "{requests:?}");
        Ok(())
    })
    .await?;
    context.api::<AppService>().delete("web", &DeleteParams::default()).await?;
    context.gone_whole(60).await
}

/// Files, image and number change, and no request fails meanwhile.
pub async fn rolls(context: &Context) -> Result<()> {
    context.serve("web", json!({})).await?;
    context.serving("web", 60).await?;
    context.answers("web", "one").await?;
    let visitor = Visitor::start(context.address("web").await?, "/version");
    context.respec("web", json!({"configData": {"version": "two"}})).await?;
    context.answers("web", "two").await?;
    context.serving("web", 90).await?;
    context
        .respec(
            "web",
            json!({
                "image": "gcr.io/etcd-development/etcd:v3.6.16",
                "command": ["/usr/local/bin/etcd", "--data-dir=/tmp/etcd",
                    "--listen-client-urls=http://0.0.0.0:8080",
                    "--advertise-client-urls=http://127.0.0.1:8080"],
            }),
        )
        .await?;
    context.answers("web", "etcdserver").await?;
    let app = context.serving("web", 90).await?;
    ensure!(status(&app).revisions.len() == 3, "{:?}", status(&app).revisions.len());
    context.kubectl("scale appsvc web --replicas 3").await?;
    context.serving("web", 60).await?;
    context.kubectl("scale appsvc web --replicas 2").await?;
    context.serving("web", 60).await?;
    // One more roll with two pods, back to the first revision, on request.
    let first = status(&app).revisions.first().map(|kept| kept.name.clone());
    context.respec("web", json!({"rollbackTo": first})).await?;
    context.answers("web", "one").await?;
    context.serving("web", 90).await?;
    let answered = visitor.all_answered()?;
    context.figure("service_roll_requests_answered", answered);
    Ok(())
}

/// What is no longer asked for is taken away: the ingress, files, variables, limits. The number of
/// pods that is left to others stays theirs.
pub async fn removed(context: &Context) -> Result<()> {
    let spec = json!({
        "ingress": {"host": "a.example.com", "className": "any",
            "annotations": {"example.org/a": "1"}},
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "64Mi"}},
        "placement": {"nodeSelector": {"kubernetes.io/os": "linux"}},
    });
    context.serve("web", spec).await?;
    context.serving("web", 60).await?;
    let change = json!({
        "ingress": {"className": null, "annotations": null}, "env": [{"name": "B", "value": "2"}],
        "resources": {"limits": null}, "placement": null, "replicas": null,
    });
    context.respec("web", change).await?;
    context.serving("web", 60).await?;
    until("what is not asked for is gone", 20, async || {
        let ingress = context.api::<Ingress>().get("web").await?;
        let class = ingress.spec.and_then(|spec| spec.ingress_class_name);
        let annotations = ingress.metadata.annotations.unwrap_or_default();
        ensure!(class.is_none() && !annotations.contains_key("example.org/a"), "{annotations:?}");
        let made = context.api::<Deployment>().get("web").await?;
        let spec = made.spec.context("no spec")?;
        ensure!(spec.replicas == Some(2), "{:?} pods are asked for", spec.replicas);
        let pod = spec.template.spec.context("no pod")?;
        let container = pod.containers.first().context("no container")?.clone();
        let names: Vec<_> = container.env.iter().flatten().map(|at| at.name.clone()).collect();
        ensure!(names == ["B"], "{names:?}");
        let limits = container.resources.and_then(|at| at.limits).unwrap_or_default();
        ensure!(limits.is_empty() && pod.node_selector.is_none(), "{limits:?}");
        Ok(())
    })
    .await?;
    context.kubectl("scale deployment web --replicas 3").await?;
    until("another's number is reached", 60, async || {
        let app = context.api::<AppService>().get("web").await?;
        ensure!(
            status(&app).ready == 3 && status(&app).step.as_deref() == Some("Serving"),
            "{}",
            said(&app)
        );
        Ok(())
    })
    .await?;
    context.respec("web", json!({"ingress": null})).await?;
    until("the ingress is gone", 20, async || {
        ensure!(context.api::<Ingress>().get_opt("web").await?.is_none(), "it is there");
        Ok(())
    })
    .await?;
    let made = context.api::<Deployment>().get("web").await?;
    ensure!(made.spec.and_then(|spec| spec.replicas) == Some(3), "the number was fought over");
    Ok(())
}

/// An image that cannot be had: Degraded, Failed once the time is over, served throughout; healed by
/// another spec, and taken back by itself where that is asked for.
pub async fn bad_image(context: &Context) -> Result<()> {
    context.serve("web", json!({"progressDeadlineSeconds": 25})).await?;
    context.serving("web", 60).await?;
    let visitor = Visitor::start(context.address("web").await?, "/version");
    context.respec("web", json!({"image": MISSING})).await?;
    let app = context.in_step("web", "Struggle", 24).await?;
    ensure!(status(&app).phase.as_deref() == Some("Degraded"), "{}", said(&app));
    let app = context.in_step("web", "Stalled", 60).await?;
    ensure!(said(&app).contains("\"rollbackTo\":"), "{}", said(&app));
    told(context, &app).await?;
    context.respec("web", json!({"image": "registry.local/busybox:1"})).await?;
    context.serving("web", 60).await?;

    context.respec("web", json!({"image": MISSING, "rollback": "Automatic"})).await?;
    let app = context.in_step("web", "RolledBack", 120).await?;
    ensure!(status(&app).ready == 2 && status(&app).rolled_back.is_some(), "{}", said(&app));
    context
        .respec(
            "web",
            json!({"image": "registry.local/busybox:1", "configData": {"version": "two"}}),
        )
        .await?;
    context.serving("web", 90).await?;
    context.answers("web", "two").await?;
    visitor.all_answered()?;
    Ok(())
}

/// What the program says of a service that stalled: what it waits for, how it came to that, and what
/// the right image would do.
async fn told(context: &Context, app: &AppService) -> Result<()> {
    let waits = ("ProgressDeadlineExceeded", Some("RollbackAutomatic"));
    context.explained("appsvc/web", waits.0, waits.1).await?;
    let tool = context.tool();
    let history = tool.json(&["history", "appsvc/web", "-n", &context.namespace]).await?;
    let last = field(&history, "transitions").as_array().and_then(|moves| moves.last());
    let to = last.map(|last| field(last, "to"));
    ensure!(to == Some(&json!("Failed/Stalled")), "{history}");

    let mut wanted = serde_json::to_value(app)?;
    merge(&mut wanted, json!({"spec": {"image": "registry.local/busybox:1"}}));
    let file = std::env::temp_dir().join(format!("e2e-service-{}.yaml", std::process::id()));
    std::fs::write(&file, wanted.to_string())?;
    let planned = tool.planned(&file.display().to_string()).await?;
    std::fs::remove_file(&file)?;
    ensure!(planned.iter().any(|action| action.contains("Deployment")), "{planned:?}");
    Ok(())
}

/// What somebody changes is mended, what is another's is refused.
pub async fn drift(context: &Context) -> Result<()> {
    context.serve("web", json!({"ingress": {"host": "web.example.com"}})).await?;
    context.serving("web", 60).await?;
    for line in [
        "set image deployment/web app=registry.local/missing:1",
        "label service web app.kubernetes.io/instance=other --overwrite",
        "delete ingress web",
        "delete configmap web",
    ] {
        context.kubectl(line).await?;
    }
    until("all is mended", 60, async || {
        let made = context.api::<Deployment>().get("web").await?;
        let pod = made.spec.and_then(|spec| spec.template.spec);
        let image = pod.and_then(|pod| pod.containers.first()?.image.clone());
        ensure!(image.as_deref() == Some("registry.local/busybox:1"), "{image:?}");
        let service = context.api::<Service>().get("web").await?;
        let labels = service.metadata.labels.unwrap_or_default();
        let instance = labels.get("app.kubernetes.io/instance");
        ensure!(instance.is_some_and(|name| name == "web"), "{instance:?}");
        context.api::<Ingress>().get("web").await?;
        context.api::<ConfigMap>().get("web").await?;
        Ok(())
    })
    .await?;
    context.serving("web", 60).await?;
    context.kubectl("delete deployment web").await?;
    context.serving("web", 90).await?;
    context.answers("web", "one").await?;

    context.kubectl("create service clusterip taken --tcp=80:80").await?;
    context.serve("taken", json!({})).await?;
    until("the stranger's Service is named", 20, async || {
        let app = context.api::<AppService>().get("taken").await?;
        ensure!(said(&app).contains("Service taken belongs to nobody"), "{}", said(&app));
        Ok(())
    })
    .await?;
    ensure!(context.api::<Deployment>().get_opt("taken").await?.is_none(), "pods were made");
    context.kubectl("delete service taken").await?;
    context.serving("taken", 60).await?;
    Ok(())
}

/// Creations in which the operator is killed at random moments.
pub async fn killed(context: &Context) -> Result<()> {
    let options = &context.env.options;
    let rounds = options.kills.unwrap_or(if options.smoke { 2 } else { 20 });
    let mut random = Random::new(options);
    let mut kills = 0;
    for round in 0..rounds {
        let name = format!("k{round}");
        context.serve(&name, json!({"ingress": {"host": "k.example.com"}})).await?;
        for _ in 0..=random.below(2) {
            context.killed_within(&mut random, 2500).await?;
            kills += 1;
        }
        context.serving(&name, 60).await.with_context(|| format!("round {round}"))?;
        context.answers(&name, "one").await?;
        context.api::<AppService>().delete(&name, &DeleteParams::default()).await?;
    }
    context.gone_whole(90).await?;
    context.figure("service_killed_creations", rounds);
    context.figure("service_operator_kills", kills);
    Ok(())
}
