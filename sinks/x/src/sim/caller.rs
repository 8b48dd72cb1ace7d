//! Who makes a call, and whether they may.

use super::problems;
use super::signed::Signed;
use super::store::{Grant, load};
use cordboard_plugin::{Host, HttpAnswer, HttpCall, StateError};

/// A call and what its signature says.
pub(super) struct Ask<'a> {
    pub(super) call: &'a HttpCall,
    /// `None`: it is not signed.
    pub(super) signed: Option<Result<Signed, HttpAnswer>>,
}

impl Ask<'_> {
    /// The signature that this call must have.
    pub(super) fn signature(&self) -> Result<&Signed, HttpAnswer> {
        match &self.signed {
            Some(Ok(signed)) => Ok(signed),
            Some(Err(answer)) => Err(answer.clone()),
            None => Err(problems::bad_data()),
        }
    }

    /// What X says with every answer to a signed call: what the token may do.
    pub(super) fn access(&self) -> Option<&str> {
        match &self.signed {
            Some(Ok(Signed { user: Some(user), .. })) => Some(&user.access),
            _ => None,
        }
    }

    /// The name of who calls, if the token lives and may do what `scopes` say.
    pub(super) async fn caller(
        &self,
        host: &dyn Host,
        scopes: &[&str],
    ) -> Result<Result<String, HttpAnswer>, StateError> {
        if self.signed.is_some() {
            return Ok(self.signer(scopes));
        }
        let token =
            self.call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let Some(token) = token.filter(|token| !token.is_empty() && token.len() < 200) else {
            return Ok(Err(problems::unauthorized()));
        };
        let (grant, _) = load::<Grant>(host, &format!("access/{token}")).await?;
        Ok(match grant {
            None => Err(problems::unauthorized()),
            Some(grant) if scopes.iter().all(|s| grant.scope.split(' ').any(|had| had == *s)) => {
                Ok(grant.handle)
            }
            Some(_) => Err(problems::forbidden()),
        })
    }

    fn signer(&self, scopes: &[&str]) -> Result<String, HttpAnswer> {
        let Some(user) = &self.signature()?.user else { return Err(problems::unknown_token()) };
        let writes = scopes.iter().any(|scope| scope.ends_with(".write"));
        if writes && user.access != "read-write" {
            return Err(problems::read_only());
        }
        Ok(user.handle.clone())
    }
}
