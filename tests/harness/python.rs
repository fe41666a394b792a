//! Python, for what another language must agree on with us.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python with a gRPC client: the one that `.ci/run` made, or one that `REFERRAL_TEST_PYTHON`
/// names. None, with a reason on stderr, where there is none; one that was named must do.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub fn with_grpc(program: &Path) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("REFERRAL_TEST_PYTHON") {
        let named = PathBuf::from(named);
        assert!(
            speaks_grpc(&named),
            "{} has no gRPC client",
            named.display()
        );
        return Some(named);
    }
    // The program lies in `<target>/<profile>/`, what `.ci/run` made in `<target>/tools/`.
    let beside = program.parent().and_then(Path::parent);
    let made = beside.map(|target| target.join("tools/bin/python"));
    let found = made
        .into_iter()
        .chain([PathBuf::from("python3")])
        .find(|it| speaks_grpc(it));
    if found.is_none() {
        eprintln!(
            "SKIPPED: no Python with grpcio and grpcio-reflection; `.ci/run` makes one, or name \
             one in REFERRAL_TEST_PYTHON"
        );
    }
    found
}

/// Where the scripts lie.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("python")
        .join(name)
}

fn speaks_grpc(python: &Path) -> bool {
    let probe = "import grpc, grpc_reflection.v1alpha, google.protobuf.json_format";
    let probed = Command::new(python).args(["-c", probe]).output();
    probed.is_ok_and(|ran| ran.status.success())
}
