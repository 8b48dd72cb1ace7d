//! Money: paying for calls that are no posts, and what the operator sees of it.

use crate::bridge::Bridge;
use crate::facade::DeskError;
use crate::limits::{self, Purse};
use cordboard_plugin::{Address, MicroUsd};
use cordboard_store::{Change, Spending, SpentOn, StoreError};
use serde::Serialize;

/// What a day can cost at most, under the configuration that is running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCost {
    /// `spend_per_day_usd` in micro-dollars: posts, reads and texts in both directions together.
    #[serde(rename = "limit_micro_usd")]
    pub limit: MicroUsd,
    /// What arrives when that is used up still costs its price: transport and price of a segment
    /// in micro-dollars.
    #[serde(rename = "arriving_micro_usd")]
    pub arriving: Vec<(String, MicroUsd)>,
}

impl std::fmt::Display for DayCost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (posts, reads, texts in and out together", self.limit)?;
        for (transport, price) in &self.arriving {
            write!(
                f,
                "; what arrives on `{transport}` once it is used up adds {price} a segment, which nobody can refuse"
            )?;
        }
        f.write_str(")")
    }
}

/// Money spent, for the operator.
#[derive(Clone, Debug, Serialize)]
pub struct MoneyView {
    /// The current UTC day, in days since 1970.
    pub today: i64,
    /// What a day can cost at most.
    pub day_cost: DayCost,
    /// What was spent, by day, sort and instance, in order.
    pub spent: Vec<Spending>,
}

impl Bridge {
    /// What a day can cost at most.
    pub fn day_cost(&self) -> DayCost {
        let arriving = self.registry().transports.iter().filter_map(|(name, transport)| {
            let price = transport.can.price_segment_in;
            (price.0 > 0).then(|| (name.clone(), price))
        });
        DayCost { limit: self.config().policy.spend_per_day, arriving: arriving.collect() }
    }

    /// What the last `days` UTC days have cost, today included.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn money(&self, days: u32) -> Result<MoneyView, DeskError> {
        let today = self.now().day();
        let since = today - i64::from(days.max(1)) + 1;
        let spent = self.store().spent(since).await?;
        Ok(MoneyView { today, day_cost: self.day_cost(), spent })
    }

    /// Pays for a call that looks or takes back; `false` when there is no money left for it today.
    pub(crate) async fn pay_for_call(
        &self,
        sink: &str,
        person: &Address,
        price: MicroUsd,
    ) -> Result<bool, StoreError> {
        if price.0 == 0 {
            return Ok(true);
        }
        let paid = self.commit(None, self.call_price(sink, person, price).to_vec()).await?;
        Ok(paid.over.is_none())
    }

    /// The changes that pay for a call; what stands behind them in a commit happens only if they can.
    pub(crate) fn call_price(&self, sink: &str, person: &Address, price: MicroUsd) -> [Change; 2] {
        let now = self.now();
        let policy = &self.config().policy;
        let counters = limits::money(policy, person, price, Purse::Answers, now);
        let (day, instance) = (now.day(), sink.to_owned());
        [
            Change::Count(counters),
            Change::Spend(Spending { day, on: SpentOn::Call, instance, n: 1, price }),
        ]
    }
}
