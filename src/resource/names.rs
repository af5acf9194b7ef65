//! PURE. What every object and address of a cluster is called.
//!
//! The names are injective: two clusters of one namespace never share one, and a member's name
//! says which cluster and ordinal it is. `StatefulSet`s set the pattern of pods and volumes.

use crate::crd::{EtcdCluster, Owner};

/// Where clients reach a member.
pub const CLIENT_PORT: i32 = 2379;
/// Where the other members reach a member.
pub const PEER_PORT: i32 = 2380;
/// Where a member answers probes and scrapes, even while it has no quorum.
pub const METRICS_PORT: i32 = 2381;

/// The cluster's name, and its `StatefulSet`'s and `PodDisruptionBudget`'s.
pub fn cluster(cluster: &EtcdCluster) -> &str {
    cluster.metadata.name.as_deref().unwrap_or_default()
}

/// The name of an object that owns others.
pub fn owner(owner: &impl Owner) -> &str {
    owner.metadata().name.as_deref().unwrap_or_default()
}

/// The namespace of an owner and of all its objects.
pub fn namespace(owner: &impl Owner) -> &str {
    owner.metadata().namespace.as_deref().unwrap_or_default()
}

/// The owner's UID. Empty only for one that was never in an API server.
pub fn uid(owner: &impl Owner) -> &str {
    owner.metadata().uid.as_deref().unwrap_or_default()
}

/// The pod's and the member's name.
pub fn pod(cluster: &EtcdCluster, ordinal: u32) -> String {
    format!("{}-{ordinal}", self::cluster(cluster))
}

/// The member's `PersistentVolumeClaim`.
pub fn volume_claim(cluster: &EtcdCluster, ordinal: u32) -> String {
    format!("data-{}", pod(cluster, ordinal))
}

/// The headless Service that gives each member its address.
pub fn peer_service(cluster: &EtcdCluster) -> String {
    format!("{}-peer", self::cluster(cluster))
}

/// The Service clients connect to.
pub fn client_service(cluster: &EtcdCluster) -> String {
    format!("{}-client", self::cluster(cluster))
}

/// Where a member is reached, with the pod's name given as text so that the kubelet can put it in.
///
/// No cluster domain: peer URLs are baked into member IDs, and a domain can be renamed.
pub(crate) fn member_url(cluster: &EtcdCluster, pod: &str, port: i32) -> String {
    format!("http://{pod}.{}.{}.svc:{port}", peer_service(cluster), namespace(cluster))
}

/// Where the other members reach a member.
pub fn peer_url(cluster: &EtcdCluster, ordinal: u32) -> String {
    member_url(cluster, &pod(cluster, ordinal), PEER_PORT)
}

/// Which ordinal is reached at a peer URL, if it is one of our pods'.
pub fn ordinal_at(cluster: &EtcdCluster, url: &str) -> Option<u32> {
    let pod = url.strip_prefix("http://")?.split('.').next()?;
    ordinal_of(pod, self::cluster(cluster)).filter(|&at| peer_url(cluster, at) == url)
}

/// Where a pod is reached by its address, whatever DNS knows of it.
pub fn address_url(ip: &str) -> String {
    // An IPv6 address is written in brackets.
    let host = if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
    format!("http://{host}:{CLIENT_PORT}")
}

/// Where clients reach the cluster.
pub fn client_endpoint(cluster: &EtcdCluster) -> String {
    format!("http://{}.{}.svc:{CLIENT_PORT}", client_service(cluster), namespace(cluster))
}

/// etcd's `--initial-cluster` for the members of these ordinals.
pub fn initial_cluster(cluster: &EtcdCluster, ordinals: impl IntoIterator<Item = u32>) -> String {
    ordinals
        .into_iter()
        .map(|ordinal| format!("{}={}", pod(cluster, ordinal), peer_url(cluster, ordinal)))
        .collect::<Vec<_>>()
        .join(",")
}

/// One more than the highest ordinal a member can ever have had.
pub const ORDINALS: u32 = 10;

/// Which ordinal of the named cluster a pod is, or nothing if it is none of its pods.
pub fn ordinal_of(pod: &str, cluster: &str) -> Option<u32> {
    let digits = pod.strip_prefix(cluster)?.strip_prefix('-')?;
    // "+1", "01" and the like parse, but no StatefulSet writes them.
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    let shortest = digits == "0" || !digits.starts_with('0');
    digits.parse().ok().filter(|&at| plain && shortest && at < ORDINALS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::samples;
    use proptest::prelude::*;

    fn named(name: &str) -> EtcdCluster {
        let mut cluster = samples::minimal();
        cluster.metadata.name = Some(name.to_owned());
        cluster
    }

    #[test]
    fn addresses_carry_member_service_and_namespace() {
        let cluster = named("a");
        assert_eq!(peer_url(&cluster, 2), "http://a-2.a-peer.resource-test.svc:2380");
        assert_eq!(client_endpoint(&cluster), "http://a-client.resource-test.svc:2379");
        assert_eq!(volume_claim(&cluster, 1), "data-a-1");
        assert_eq!(
            initial_cluster(&cluster, 0..2),
            "a-0=http://a-0.a-peer.resource-test.svc:2380,\
             a-1=http://a-1.a-peer.resource-test.svc:2380"
        );
        assert_eq!(initial_cluster(&cluster, []), "");
        assert_eq!(ordinal_at(&cluster, &peer_url(&cluster, 2)), Some(2));
        for other in ["http://a-2.b-peer.resource-test.svc:2380", "http://a-2", "a-2", ""] {
            assert_eq!(ordinal_at(&cluster, other), None, "{other}");
        }
    }

    #[test]
    fn only_the_pods_of_the_cluster_have_an_ordinal() {
        assert_eq!(ordinal_of("a-0", "a"), Some(0));
        assert_eq!(ordinal_of("a-b-9", "a-b"), Some(9));
        for stranger in [
            "a",
            "a-",
            "a-10",
            "a-4294967295",
            "a-01",
            "a-+1",
            "a-x",
            "ab-0",
            "a-b-0",
            "a--1",
            "b-0",
            "",
        ] {
            assert_eq!(ordinal_of(stranger, "a"), None, "{stranger}");
        }
    }

    proptest! {
        #[test]
        fn no_two_members_share_a_name(
            one in "[a-z][-a-z0-9]{0,8}", other in "[a-z][-a-z0-9]{0,8}", i in 0_u32..20, j in 0_u32..20
        ) {
            let (a, b) = (named(&one), named(&other));
            let same = (&one, i) == (&other, j);
            prop_assert_eq!(pod(&a, i) == pod(&b, j), same);
            prop_assert_eq!(volume_claim(&a, i) == volume_claim(&b, j), same);
            prop_assert_eq!(peer_url(&a, i) == peer_url(&b, j), same);
            prop_assert_eq!(ordinal_of(&pod(&a, i), &other) == Some(i), one == other);
        }

        #[test]
        fn no_two_clusters_share_a_service(
            one in "[a-z](-peer|-client|-[a-z0-9]){0,3}", other in "[a-z](-peer|-client|-[a-z0-9]){0,3}"
        ) {
            let (a, b) = (named(&one), named(&other));
            prop_assert_eq!(peer_service(&a) == peer_service(&b), one == other);
            prop_assert_eq!(client_service(&a) == client_service(&b), one == other);
            prop_assert_ne!(peer_service(&a), client_service(&b));
        }
    }
}
