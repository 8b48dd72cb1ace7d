#![doc = include_str!("../README.md")]

mod alerts;
mod bridge;
mod commands;
mod config;
mod confirming;
mod credentials;
mod delivering;
mod desk;
mod facade;
mod host;
mod intake;
mod limits;
mod linking;
pub mod loader;
mod money;
mod pace;
mod pages;
mod pictures;
mod plugin_runs;
mod plugins;
mod pump;
mod reading;
mod registry;
mod reply;
mod sandbox;
mod sweep;
mod texts;
mod words;
mod world;

pub use bridge::Bridge;
pub use commands::{COMMANDS, CommandHelp};
pub use config::{
    BridgeConfig, Config, InstanceConfig, PinPolicy, Policy, Receipts, Route, Signup,
};
pub use cordboard_store as store;
pub use facade::{
    DeskError, Health, InstancePage, LineView, LinkPage, LinkTrouble, MadeLink, SandboxView,
    SinkView,
};
pub use linking::LINK_COOKIE;
pub use money::{DayCost, MoneyView};
pub use plugins::{LeftOut, PluginView, Plugins};
pub use registry::BuildError;
pub use words::is_loopback_url;
pub use world::{Chance, Clock, Spawner, Wire, WireRequest, World};
