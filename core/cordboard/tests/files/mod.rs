//! Small plugins as files, made by the C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a plugin offers: its name, its transport kind and its sink kind.
#[derive(Clone, Copy, Default)]
pub(crate) struct Offer<'a> {
    pub(crate) name: &'a str,
    pub(crate) transport: Option<&'a str>,
    pub(crate) sink: Option<&'a str>,
}

/// Makes `folder/file`, a plugin that offers this.
pub(crate) fn make(folder: &Path, file: &str, offer: Offer<'_>) -> PathBuf {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let to = folder.join(file);
    let mut command = Command::new("cc");
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]);
    command.arg("-fvisibility=default").arg("-I").arg(core.join("plugin/include"));
    command.arg(format!("-DNAME=\"{}\"", offer.name));
    for (word, kind) in [("TRANSPORT", offer.transport), ("SINK", offer.sink)] {
        command.args(kind.map(|kind| format!("-D{word}=\"{kind}\"")));
    }
    command.arg("-o").arg(&to).arg(core.join("cordboard/tests/files/plugin.c"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Whatever the tester's umask is: the bridge refuses what others may write.
    allow(&to, 0o755);
    to
}

/// Sets who may do what with a file or a folder.
pub(crate) fn allow(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
