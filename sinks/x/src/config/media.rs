//! Settings of a sink of kind `x-media`.

use super::{
    API_BASE, AUTHORIZE_URL, CLIENT_ID, CLIENT_SECRET, CONSUMER_KEY, CONSUMER_SECRET, LINK, Prices,
    Table,
};
use crate::app::App;
use crate::media::UPLOAD;
use cordboard_plugin::{Base, Setting, SettingKind, Settings, SettingsError};

/// The settings table of `x-media`.
pub const MEDIA_SETTINGS: &[Setting] = &[
    Setting {
        key: "auth",
        kind: SettingKind::Choice(&["oauth1", "oauth2"]),
        default: Some("\"oauth1\""),
        doc: "How people link; with `oauth2`, one consent with the scope media.write serves words too.",
    },
    CONSUMER_KEY,
    CONSUMER_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    LINK,
    Setting {
        key: "upload_api",
        kind: SettingKind::Choice(&["v2", "v1.1"]),
        default: Some("\"v2\""),
        doc: "Which API takes pictures; X retired v1.1 in 2025, and it knows `auth = \"oauth1\"` only.",
    },
    API_BASE,
    Setting {
        key: "upload_base",
        kind: SettingKind::Url,
        default: Some("\"https://upload.twitter.com\""),
        doc: "Where the upload API v1.1 is; not called with `upload_api = \"v2\"`.",
    },
    AUTHORIZE_URL,
];

/// Which API takes pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadApi {
    /// The present one.
    V2,
    /// The one before.
    V1,
}

/// The settings of one instance of `x-media`, checked.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The app and how people link to it.
    pub app: App,
    /// Which API takes pictures.
    pub upload_api: UploadApi,
}

impl MediaConfig {
    /// Reads the settings of an instance of `x-media`.
    ///
    /// # Errors
    /// Names the key and what is wrong with it.
    pub fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let table = Table::read(settings)?;
        let upload_api = match table.upload_api.as_deref() {
            None | Some("v2") => UploadApi::V2,
            Some("v1.1") => UploadApi::V1,
            Some(_) => return Err(SettingsError::new("upload_api", "is `v2` or `v1.1`")),
        };
        let upload_base = table.upload_base.as_deref().unwrap_or("https://upload.twitter.com");
        let upload_base = upload_base.trim_end_matches('/');
        table.url("upload_base", upload_base)?;
        let base = Base { name: UPLOAD.to_owned(), url: upload_base.to_owned() };
        let app = table.app("oauth1", true, vec![base])?;
        if app.consumer().is_none() && upload_api == UploadApi::V1 {
            let problem =
                "v1.1 takes no OAuth 2.0; write `upload_api = \"v2\"` or `auth = \"oauth1\"`";
            return Err(SettingsError::new("upload_api", problem));
        }
        // The sink that posts has prices of its own; they are accepted here, so that one table serves both.
        Prices::read(&settings.prices)?;
        Ok(Self { app, upload_api })
    }
}
