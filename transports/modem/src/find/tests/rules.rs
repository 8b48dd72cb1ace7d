//! The udev rules of `deploy/` list the makers that are known here.

use crate::find::vendors::VENDORS;

#[test]
fn the_udev_rules_list_every_maker() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/60-cordboard-modem.rules");
    let text = std::fs::read_to_string(path).unwrap();
    let listed: Vec<&str> = text.split("ATTRS{idVendor}==\"").skip(1).map(|r| &r[..4]).collect();
    let known: Vec<String> = VENDORS.iter().map(|(id, _)| format!("{id:04x}")).collect();
    assert_eq!(listed, known);
    for (_, name) in VENDORS {
        assert!(text.contains(&format!("# {name}\n")), "{name}");
    }
}
