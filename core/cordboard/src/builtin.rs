//! The built-in plugins. This is the one file in `core/` that names them.

use cordboard_plugin::PluginDef;

/// The plugins linked into this binary, by its features.
pub fn plugins() -> Vec<&'static PluginDef> {
    vec![
        #[cfg(feature = "twilio")]
        &cordboard_twilio::PLUGIN,
        #[cfg(feature = "flowroute")]
        &cordboard_flowroute::PLUGIN,
        #[cfg(feature = "modem")]
        &cordboard_modem::PLUGIN,
        #[cfg(feature = "x")]
        &cordboard_x::PLUGIN,
    ]
}
