//! `[policy]`: limits and manners.

use super::problem::Findings;
use super::row::{Absent, Owner, Row};
use super::tables;
use cordboard_engine::{PinPolicy, Policy, Receipts, Signup};
use cordboard_plugin::MicroUsd;
use toml::de::DeTable;

pub(crate) fn read((table, at): (Option<&DeTable<'_>>, usize), findings: &mut Findings) -> Policy {
    let owner = Owner::Table("policy");
    let row = Row::read(table, at, tables::POLICY, &[], &owner, Absent::Required, findings);
    // The declared limits of every whole number fit into its field.
    let whole = |key| u32::try_from(row.whole(key)).unwrap_or(u32::MAX);
    let usd = |key| MicroUsd::from_usd(row.usd(key));
    Policy {
        signup: match row.text("signup") {
            "invite" => Signup::Invite,
            "closed" => Signup::Closed,
            _ => Signup::Open,
        },
        receipts: match row.text("receipts") {
            "failures" => Receipts::Failures,
            "never" => Receipts::Never,
            _ => Receipts::Always,
        },
        reply_segments_max: whole("reply_segments_max"),
        replies_per_number_day: whole("replies_per_number_day"),
        long_text_thread: row.text("long_text") == "thread",
        thread_parts_max: whole("thread_parts_max"),
        ask_before_link: row.flag("ask_before_link"),
        pin: match row.text("pin") {
            "off" => PinPolicy::Off,
            "required" => PinPolicy::Required,
            _ => PinPolicy::Optional,
        },
        quiet_days: whole("quiet_days"),
        link_minutes: whole("link_minutes"),
        invites_per_number_day: whole("invites_per_number_day"),
        invites_per_prefix_hour: whole("invites_per_prefix_hour"),
        invites_per_hour: whole("invites_per_hour"),
        posts_per_person_day: whole("posts_per_person_day"),
        spend_per_person_day: usd("spend_per_person_day_usd"),
        spend_per_day: usd("spend_per_day_usd"),
        keep_waiting_hours: whole("keep_waiting_hours"),
        keep_bodies_days: whole("keep_bodies_days"),
        check_credentials_days: whole("check_credentials_days"),
        catch_up_hours: whole("catch_up_hours"),
        alt_wait_seconds: whole("alt_wait_seconds"),
        operator_retry_minutes: whole("operator_retry_minutes"),
        deliveries_at_once: whole("deliveries_at_once"),
        queue_rows_max: u64::try_from(row.whole("queue_rows_max")).unwrap_or_default(),
        disk_free_bytes_min: u64::try_from(row.whole("disk_free_bytes_min")).unwrap_or_default(),
        shutdown_seconds: whole("shutdown_seconds"),
    }
}
