#![doc = include_str!("../README.md")]

pub mod builtin;
pub mod cli;
pub mod commands;
pub mod config;
pub mod failure;
pub mod logging;
mod lone;
pub mod opening;
pub mod operator;
pub mod talk;
