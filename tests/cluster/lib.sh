# shellcheck shell=bash
# Sourced by the scripts of this folder: where things are, and the few steps they share.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin                    # a user's own does not have them on Debian

# A folder on disk: it holds images, volumes and etcd's data, too much for the memory-backed folder of a user session.
# A given STATE says which cluster is meant; its ID was recorded by `up`.
if [ -n "${STATE:-}" ]; then STATE=$(realpath -m "$STATE"); [ ! -f "$STATE/id" ] || ID=$(cat "$STATE/id"); fi
ID=${ID:-0}
[[ $ID =~ ^[0-9]$ ]] || { echo "ID must be 0 to 9, not '$ID'" >&2; exit 2; }
STATE=${STATE:-/tmp/etcd-operator-cluster-$ID}
NAME=eo$ID                                    # prefix of interfaces, name of the cgroup: all that is not under STATE
IP=10.23$ID.0.1                               # this machine, as the nodes see it: API server and DNS
NODE_NET=10.23$ID.1 POD_NET=10.24$ID SERVICE_NET=10.9$ID
LOCAL=127.23.$ID.1                            # etcd, scheduler and controller manager: the same ports in every cluster
# Folders that containerd and the kubelet insist on; each node gets its own over them (script `node`). They stay behind,
# empty: removing one would take it away from the nodes of another cluster.
NODE_DIRS="/run/containerd /var/lib/cni /var/lib/kubelet /var/log/containers"

say() { echo "$*" >&2; }
die() { say "$*"; exit 1; }

# For scripts that take no argument: `down --help` must not take a cluster down.
no_arguments() { [ $# -eq 0 ] || { sed -n '2,/^[^#]/s/^# \?//p' "$0" >&2; exit 2; }; }

# Runs the script again as root when it is not; what sudo would drop from the environment goes along by name.
as_root() {
  [ "$EUID" = 0 ] && return
  exec sudo env PATH="$PATH" STATE="$STATE" ID="$ID" NODES="${NODES:-}" IMAGES="${IMAGES:-}" \
    APISERVER_FLAGS="${APISERVER_FLAGS:-}" ETCD_OPERATOR_CACHE="$(cache)" "$0" "$@"
}

cache() { echo "${ETCD_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/etcd-operator}"; }

# A pid alone may have been given to another process since: its start time (field 22 of stat) makes it exact.
# A dead process that nobody has waited for yet (state Z) does not count.
started() {
  local stat
  stat=$(cat "/proc/$1/stat" 2> /dev/null) || return
  set -- ${stat##*) }
  [[ $1 != [ZX] ]] && echo "${20}"
}
gone() { ! started "$1" > /dev/null; }
record() { echo "$2 $(started "$2")" > "$STATE/run/$1.pid"; }
pid_of() { # name: its pid, if what was recorded still runs
  local pid time
  read -r pid time 2>/dev/null < "$STATE/run/$1.pid" || return
  [ "$(started "$pid")" = "$time" ] && echo "$pid"
}
alive() { pid_of "$1" > /dev/null; }

until_ok() { # seconds command...
  local end=$((SECONDS + $1)); shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { say "gave up waiting for: $* (logs: $STATE/log)"; return 1; }
    sleep 0.1
  done
}

# The trees of control groups: one for each controller (version 1) or one for all (version 2).
cgroup_trees() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; return; fi
  local tree
  for tree in /sys/fs/cgroup/*/; do [ ! -f "$tree/cgroup.procs" ] || echo "${tree%/}"; done
}
# Makes a control group in every tree and moves this shell, and so what it starts, to its leaf `system`.
cgroup_enter() { # group
  local tree dir part file
  for tree in $(cgroup_trees); do
    dir=$tree
    for part in ${1//\// } system; do
      # Version 2 hands controllers down only by order, version 1's cpuset only with this flag.
      [ ! -f "$dir/cgroup.subtree_control" ] || cgroup_delegate "$dir"
      dir=$dir/$part; mkdir -p "$dir"
      if [ -f "$dir/cpuset.cpus" ] && [ -z "$(cat "$dir/cpuset.cpus")" ] && [ -f "$tree/cgroup.clone_children" ]; then
        for file in cpuset.cpus cpuset.mems; do cat "$dir/../$file" > "$dir/$file"; done
        echo 1 > "$dir/cgroup.clone_children"
      fi
    done
    echo 0 > "$dir/cgroup.procs"
  done
}
cgroup_delegate() { # folder of version 2
  local controller pid
  # Only the true root may hold processes and hand controllers down; inside a container they move to a leaf first.
  if [ "$1" = /sys/fs/cgroup ] && [ -e "$1/cgroup.type" ]; then
    mkdir -p "$1/init"
    for pid in $(cat "$1/cgroup.procs"); do echo "$pid" > "$1/init/cgroup.procs" || true; done 2> /dev/null
  fi
  for controller in $(cat "$1/cgroup.controllers"); do echo "+$controller" > "$1/cgroup.subtree_control" || true; done 2> /dev/null
}

nodes() { local f; for f in "$STATE"/node-*/; do [ ! -d "$f" ] || basename "$f"; done; }
