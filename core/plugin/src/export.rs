//! How a plugin makes itself known: one static value, the same for linked and loaded plugins.

use crate::error::SettingsError;
use crate::settings::{Setting, Settings};
use crate::sim::Simulator;
use crate::{Sink, Transport};

/// Makes an instance from its settings. Implemented by each transport and sink type.
pub trait Create: Sized {
    /// The settings table of this kind.
    const SETTINGS: &'static [Setting];

    /// Makes an instance. No I/O: there is no host yet.
    ///
    /// # Errors
    /// Names the key and what is wrong with its value.
    fn create(settings: &Settings) -> Result<Self, SettingsError>;

    /// An instance to look at the outside world with before anything is configured
    /// ([`Transport::probe`]); `None` where nothing can be seen without settings.
    fn unconfigured() -> Option<Self> {
        None
    }
}

/// What a plugin crate offers.
#[derive(Clone, Copy)]
pub struct PluginDef {
    /// The crate's name.
    pub name: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// Transport kinds.
    pub transports: &'static [TransportKind],
    /// Sink kinds.
    pub sinks: &'static [SinkKind],
    /// Its simulated provider, when built with feature `sim`.
    pub simulator: Option<fn() -> Box<dyn Simulator>>,
}

/// Makes an instance from its settings.
pub type Making<T> = dyn Fn(&Settings) -> Result<Box<T>, SettingsError> + Send + Sync;

/// A transport kind.
#[derive(Clone, Copy)]
pub struct TransportKind {
    /// As in `kind = "…"`.
    pub kind: &'static str,
    /// Its settings table.
    pub settings: &'static [Setting],
    /// Makes an instance.
    pub create: &'static Making<dyn Transport>,
    /// Makes an instance to probe with.
    pub unconfigured: &'static (dyn Fn() -> Option<Box<dyn Transport>> + Send + Sync),
}

/// A sink kind.
#[derive(Clone, Copy)]
pub struct SinkKind {
    /// As in `kind = "…"`.
    pub kind: &'static str,
    /// Its settings table.
    pub settings: &'static [Setting],
    /// Makes an instance.
    pub create: &'static Making<dyn Sink>,
}

/// Makes the plugin known: emits `pub static PLUGIN`.
///
/// ```text
/// cordboard_plugin::export_plugin! {
///     transports: ["carrier" => Carrier],
///     sinks: [],
///     simulator: cfg!(sim::SimulatedCarrier),
/// }
/// ```
/// `simulator: none` when there is none. With a simulator, the crate has a feature `sim`.
///
/// A crate that is also built as a file has a feature `export = ["cordboard-plugin/export"]`; only with
/// it the file's one symbol, `CORDBOARD_PLUGIN`, is there too. Two linked plugins must never both have it.
#[macro_export]
macro_rules! export_plugin {
    (
        transports: [$($tkind:literal => $transport:ty),* $(,)?],
        sinks: [$($skind:literal => $sink:ty),* $(,)?],
        simulator: $($simulator:tt)*
    ) => {
        /// What this crate offers to the bridge.
        pub static PLUGIN: $crate::PluginDef = $crate::PluginDef {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            transports: &[$($crate::TransportKind {
                kind: $tkind,
                settings: <$transport as $crate::Create>::SETTINGS,
                create: &|settings| {
                    Ok(Box::new(<$transport as $crate::Create>::create(settings)?))
                },
                unconfigured: &|| match <$transport as $crate::Create>::unconfigured() {
                    Some(instance) => Some(Box::new(instance)),
                    None => None,
                },
            }),*],
            sinks: &[$($crate::SinkKind {
                kind: $skind,
                settings: <$sink as $crate::Create>::SETTINGS,
                create: &|settings| {
                    Ok(Box::new(<$sink as $crate::Create>::create(settings)?))
                },
            }),*],
            simulator: $crate::export_plugin!(@simulator $($simulator)*),
        };

        $crate::export_symbol!();
    };
    (@simulator none $(,)?) => { None };
    (@simulator cfg!($simulator:path) $(,)?) => {{
        #[cfg(feature = "sim")]
        { Some(|| Box::new(<$simulator>::default()) as Box<dyn $crate::Simulator>) }
        #[cfg(not(feature = "sim"))]
        { None }
    }};
}

/// The one symbol of a plugin file; nothing unless this crate was built with feature `export`.
#[cfg(not(feature = "export"))]
#[doc(hidden)]
#[macro_export]
macro_rules! export_symbol {
    () => {};
}

/// The one symbol of a plugin file.
#[cfg(feature = "export")]
#[doc(hidden)]
#[macro_export]
macro_rules! export_symbol {
    () => {
        #[cfg(panic = "abort")]
        compile_error!(
            "a plugin file needs `panic = \"unwind\"`: a panic would end the whole bridge"
        );

        const _: () = {
            unsafe extern "C" fn init(host: *const $crate::abi::raw::HostTable) -> i32 {
                // SAFETY: the bridge hands over its own table, once.
                unsafe { $crate::abi::sdk::init(host, &PLUGIN) }
            }

            /// What the bridge finds in this file.
            #[unsafe(no_mangle)]
            pub static CORDBOARD_PLUGIN: $crate::abi::raw::PluginTable = $crate::abi::sdk::table(
                concat!(
                    "{\"name\":\"",
                    env!("CARGO_PKG_NAME"),
                    "\",\"version\":\"",
                    env!("CARGO_PKG_VERSION"),
                    "\",\"lang\":\"rust\",\"panic\":\"unwind\"}"
                ),
                init,
            );
        };
    };
}
