//! The instances: plugins made from their settings, and the simulated providers of those that simulate.

use crate::config::{Config, InstanceConfig, Route};
use crate::pace::Gate;
use crate::plugins::Plugins;
use cordboard_plugin::{
    Address, Base, PluginDef, Settings, SimPlace, Simulator, Sink, SinkCapabilities, Transport,
    TransportCapabilities,
};
use std::collections::{BTreeMap, BTreeSet};

/// An instance that cannot be made.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what} `{instance}`: {problem}")]
pub struct BuildError {
    /// `transport` or `sink`.
    pub what: &'static str,
    /// The instance's name.
    pub instance: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// A transport instance.
pub(crate) struct TransportInstance {
    pub(crate) config: InstanceConfig,
    pub(crate) can: TransportCapabilities,
    pub(crate) plugin: Box<dyn Transport>,
    pub(crate) gate: Gate,
}

/// A sink instance.
pub(crate) struct SinkInstance {
    pub(crate) config: InstanceConfig,
    pub(crate) can: SinkCapabilities,
    pub(crate) plugin: Box<dyn Sink>,
}

impl SinkInstance {
    /// Whether it can be called with a credential of this kind and realm.
    pub(crate) fn accepts(&self, kind: &str, realm: &str) -> bool {
        self.can.credentials.iter().any(|accepted| accepted.kind == kind && accepted.realm == realm)
    }
}

/// A simulated provider, mounted under the name of the instance that talks to it.
pub(crate) struct SimInstance {
    pub(crate) place: SimPlace,
    /// Simulators of one plugin share one world, whatever their instances are called.
    pub(crate) scope: String,
    pub(crate) plugin: Box<dyn Simulator>,
}

/// All instances by name.
pub(crate) struct Registry {
    pub(crate) transports: BTreeMap<String, TransportInstance>,
    pub(crate) sinks: BTreeMap<String, SinkInstance>,
    pub(crate) simulators: BTreeMap<String, SimInstance>,
    routes: Vec<Route>,
    /// Instances that are configured and missing: what is meant for them waits.
    left_out: BTreeSet<String>,
}

impl Registry {
    pub(crate) fn build(config: &Config, plugins: &Plugins) -> Result<Self, BuildError> {
        let mut registry = Self {
            transports: BTreeMap::new(),
            sinks: BTreeMap::new(),
            simulators: BTreeMap::new(),
            routes: config.routes.clone(),
            left_out: plugins.left_out.iter().map(|missing| missing.name.clone()).collect(),
        };
        for instance in &config.transports {
            registry.add_transport(config, plugins, instance)?;
        }
        for instance in &config.sinks {
            registry.add_sink(config, plugins, instance)?;
        }
        Ok(registry)
    }

    fn add_transport(
        &mut self,
        config: &Config,
        plugins: &Plugins,
        instance: &InstanceConfig,
    ) -> Result<(), BuildError> {
        let fail = |problem: String| BuildError {
            what: "transport",
            instance: instance.name.clone(),
            problem,
        };
        let (def, kind) = plugins
            .all()
            .find_map(|def| {
                def.transports
                    .iter()
                    .find(|kind| kind.kind == instance.kind)
                    .map(|kind| (def, kind))
            })
            .ok_or_else(|| fail(format!("no plugin offers the kind `{}`", instance.kind)))?;
        let settings = self.settings(config, def, instance, true).map_err(&fail)?;
        let plugin = (kind.create)(&settings).map_err(|error| fail(error.to_string()))?;
        let can = plugin.capabilities();
        let gate = Gate::new(can.pace);
        self.transports.insert(
            instance.name.clone(),
            TransportInstance { config: instance.clone(), can, plugin, gate },
        );
        Ok(())
    }

    fn add_sink(
        &mut self,
        config: &Config,
        plugins: &Plugins,
        instance: &InstanceConfig,
    ) -> Result<(), BuildError> {
        let fail =
            |problem: String| BuildError { what: "sink", instance: instance.name.clone(), problem };
        let (def, kind) = plugins
            .all()
            .find_map(|def| {
                def.sinks.iter().find(|kind| kind.kind == instance.kind).map(|kind| (def, kind))
            })
            .ok_or_else(|| fail(format!("no plugin offers the kind `{}`", instance.kind)))?;
        let settings = self.settings(config, def, instance, false).map_err(&fail)?;
        let plugin = (kind.create)(&settings).map_err(|error| fail(error.to_string()))?;
        let can = plugin.capabilities();
        self.sinks
            .insert(instance.name.clone(), SinkInstance { config: instance.clone(), can, plugin });
        Ok(())
    }

    /// The instance's settings, with the simulator's laid over them when it simulates.
    fn settings(
        &mut self,
        config: &Config,
        def: &PluginDef,
        instance: &InstanceConfig,
        has_hooks: bool,
    ) -> Result<Settings, String> {
        let mut values = instance.settings.clone();
        if instance.simulate {
            let make = def.simulator.ok_or("its plugin was built without a simulator")?;
            let public_url = &config.bridge.public_url;
            let hook_url =
                if has_hooks { hook_url(public_url, &instance.name) } else { String::new() };
            let place =
                SimPlace { base_url: format!("{public_url}/sandbox/{}", instance.name), hook_url };
            let plugin = make();
            lay_over(&mut values, plugin.settings(&instance.kind, &place));
            let scope = format!("sim:{}", def.name);
            self.simulators.insert(instance.name.clone(), SimInstance { place, scope, plugin });
        }
        Ok(Settings {
            name: instance.name.clone(),
            values,
            prices: instance.prices.clone(),
            public: config.bridge.public,
            catch_up_hours: config.policy.catch_up_hours,
        })
    }

    /// The route of a line: the first that fits.
    pub(crate) fn route(&self, transport: &str, line: &Address) -> Option<&Route> {
        self.routes.iter().find(|route| route.serves(transport, line))
    }

    /// Whether an instance is configured and missing, since its plugin could not be loaded.
    pub(crate) fn is_left_out(&self, instance: &str) -> bool {
        self.left_out.contains(instance)
    }

    /// The sink that accepts credentials of this kind and realm.
    pub(crate) fn sink_for(&self, kind: &str, realm: &str) -> Option<(&String, &SinkInstance)> {
        self.sinks.iter().find(|(_, sink)| sink.accepts(kind, realm))
    }

    /// Whether this address is one of our own lines.
    pub(crate) fn is_ours(&self, address: &Address) -> bool {
        self.transports
            .values()
            .any(|transport| transport.can.numbers.iter().any(|number| number == address.reveal()))
    }

    /// The base URLs and media hosts that an instance may call, private or not.
    pub(crate) fn reach(&self, instance: &str) -> (&[Base], &[String]) {
        if let Some(transport) = self.transports.get(instance) {
            (&transport.can.bases, &transport.can.media_hosts)
        } else if let Some(sink) = self.sinks.get(instance) {
            (&sink.can.bases, &[])
        } else {
            (&[], &[])
        }
    }
}

/// Where a provider delivers to.
pub(crate) fn hook_url(public_url: &str, transport: &str) -> String {
    format!("{public_url}/hooks/{transport}")
}

fn lay_over(values: &mut serde_json::Value, over: serde_json::Value) {
    if !values.is_object() {
        *values = serde_json::Value::Object(serde_json::Map::new());
    }
    if let (Some(values), serde_json::Value::Object(over)) = (values.as_object_mut(), over) {
        values.extend(over);
    }
}
