# shellcheck shell=bash
# Sourced by `up` and `fault`: starts one node.

# The namespaces of a node, with its init process in them and its network card on the cluster's bridge.
node_start() { # number of-nodes bin
  local n=$1 name=node-$1
  alive "$name" && return
  rm -f "$STATE/run/$name.pid"; mkdir -p "$STATE/$name"
  # --propagation private: what containerd and the kubelet mount is seen by nobody else, and goes when they go.
  STATE=$STATE ID=$ID NODES=$2 setsid unshare --net --mount --pid --fork --kill-child --propagation private \
    "$HERE/node" "$n" "$3" >> "$STATE/log/$name.log" 2>&1 < /dev/null 9>&- &
  until_ok 10 alive "$name"
  ip link del "${NAME}v$n" 2> /dev/null || true               # of the node's life before, when the kernel has not yet
  ip link add "${NAME}v$n" type veth peer name eth0 netns "$(pid_of "$name")"
  ip link set "${NAME}v$n" master "${NAME}br" up
  ip route replace "$POD_NET.$n.0/24" via "$NODE_NET.$n"
}

# Service addresses, from this machine: through the first node that can be reached, whose kube-proxy translates them.
route_services() {
  local node n
  for node in $(nodes); do
    n=${node#node-}
    if alive "$node" && ip link show "${NAME}v$n" up 2> /dev/null | grep -q UP; then
      ip route replace "$SERVICE_NET.0.0/16" via "$NODE_NET.$n"; return
    fi
  done
}
