# What a person or CI runs. Every recipe installs first what it lacks: see tests/cluster/setup.
set shell := ["bash", "-euo", "pipefail", "-c"]
set positional-arguments

export CARGO_TERM_PROGRESS_WHEN := env("CARGO_TERM_PROGRESS_WHEN", "never")

# List the recipes
@_default:
    just --list --unsorted

# Show it: a Kubernetes, the operator, a cluster of three members, a key put and got
demo:
    @tests/demo

# Test all that is fast, then the smoke set on a real cluster
test: setup
    @tests/fast

# Run cases on a real cluster: all, or those named; with --record their fixtures are written anew
e2e *CASES: setup
    @OPERATOR_BINARY=$(tests/binary) cargo test --quiet --locked --test e2e -- "$@"

# Play every story with every single fault; go on with drawn ones, too: just prove --minutes 10
prove *ARGS: setup
    @$(tests/binary) prove --fixtures target/broken "$@"

# Plant mistakes, one at a time, and see that each is caught: all, or those named
mutants *NAMES: setup
    @MUTANTS=$(IFS=,; echo "$*") cargo test --quiet --release --locked --lib mutants -- --ignored --nocapture

# Measure on a real cluster: everything, or what is named
bench *NAMES: setup
    #!/usr/bin/env bash
    set -euo pipefail
    export OPERATOR_BINARY=$(tests/binary)
    e2e() { cargo test --quiet --locked --test e2e -- "$@"; }
    [ $# -gt 0 ] || set -- $(e2e --list | sed -n 's/^benches://p')
    e2e "${@/#/--bench=}"

# Check format, lints, documentation and generated files
check: setup
    cargo fmt --check
    cargo clippy --quiet --locked --all-targets -- -D warnings
    cargo clippy --quiet --locked --test e2e -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --no-deps --document-private-items
    cargo test --quiet --locked --doc
    cargo run --quiet --locked -- crds --dir crds --check
    cargo run --quiet --locked -- manifests --dir manifests --check
    cargo run --quiet --locked -- render-states --check

# Measure coverage of lines: everything PURE at least 90 %, the whole at least 80 %
coverage *WHAT: (setup "coverage")
    @tests/coverage "$@"

# Format the code
fmt:
    cargo fmt

# Write every generated file anew
regen: render-states
    cargo run --quiet -- crds --dir crds
    cargo run --quiet -- manifests --dir manifests

# List every decision of the state machines, and draw them, from the code
render-states: setup
    cargo run --quiet -- render-states

# Build the operator as one static binary, and print where it is
build: setup
    @tests/binary

# Build the operator's image as an archive, and print where it is
image NAME="etcd-operator:dev": setup
    @tests/cluster/image-operator "$(tests/binary)" "$1"

# Start a Kubernetes on this machine, and print how to use it
up: setup
    @tests/cluster/up

# Stop it, and remove all of it
down:
    @tests/cluster/down

# Install what this machine lacks to build, test and run
@setup *WHAT:
    tests/cluster/setup "$@"
