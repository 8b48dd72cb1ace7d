//! Who may open a port.

use super::{Roots, said};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a node lets its group do, and whether we are of that group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// The group that owns the node; its number when it has no name.
    pub(crate) group: String,
    /// Whether that group may read and write.
    pub(crate) group_may: bool,
    /// Whether this process is of that group.
    pub(crate) member: bool,
}

/// The group that all ports belong to on Debian and its children.
const USUAL: &str = "dialout";
/// What an unknown group looks like from within a user namespace (`PrivateUsers=`, rootless containers).
const NOBODY: u32 = 65_534;

/// Looks at the node at `path`; `None` when it is not there.
pub(super) fn access(roots: &Roots, path: &Path) -> Option<Access> {
    let meta = std::fs::metadata(path).ok()?;
    let gid = meta.gid();
    let group = if gid == NOBODY { USUAL.to_owned() } else { group_name(roots, gid) };
    Some(Access { group, group_may: meta.mode() & 0o060 == 0o060, member: is_member(roots, gid) })
}

fn group_name(roots: &Roots, gid: u32) -> String {
    let groups = said(&roots.groups);
    let named = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(gid)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| gid.to_string())
}

/// Whether this process is of a group, by the lines `Gid:` and `Groups:` of its status.
fn is_member(roots: &Roots, gid: u32) -> bool {
    let status = said(&roots.proc.join("self/status"));
    let ours = status
        .lines()
        .filter_map(|line| line.strip_prefix("Groups:").or_else(|| line.strip_prefix("Gid:")));
    ours.flat_map(str::split_whitespace).any(|number| number.parse() == Ok(gid))
}
