//! National language tables as phones in Turkey, Spain and Portugal use them: only what differs from the default
//! ones. We read them and never write them. The Indian languages and Urdu (4 to 13) are not here: their texts show
//! characters of the default tables, and the raw message is kept by those who store it.

const TURKISH: u8 = 1;
const SPANISH: u8 = 2;
const PORTUGUESE: u8 = 3;

/// Locking shift: what stands instead of the default alphabet. Spanish has none.
pub(super) fn locking(language: u8) -> &'static [(u8, char)] {
    match language {
        TURKISH => TURKISH_LOCKING,
        PORTUGUESE => PORTUGUESE_LOCKING,
        _ => &[],
    }
}

/// Single shift: what stands behind an escape, beside the extension.
pub(super) fn single(language: u8) -> &'static [(u8, char)] {
    match language {
        TURKISH => TURKISH_SINGLE,
        SPANISH => SPANISH_SINGLE,
        PORTUGUESE => PORTUGUESE_SINGLE,
        _ => &[],
    }
}

/// TS 23.038 A.3.1.
#[rustfmt::skip]
const TURKISH_LOCKING: &[(u8, char)] = &[
    (0x04, '€'), (0x07, 'ı'), (0x0B, 'Ğ'), (0x0C, 'ğ'),
    (0x1C, 'Ş'), (0x1D, 'ş'), (0x40, 'İ'), (0x60, 'ç'),
];

/// TS 23.038 A.2.1.
#[rustfmt::skip]
const TURKISH_SINGLE: &[(u8, char)] = &[
    (0x47, 'Ğ'), (0x49, 'İ'), (0x53, 'Ş'), (0x63, 'ç'), (0x67, 'ğ'), (0x69, 'ı'), (0x73, 'ş'),
];

/// TS 23.038 A.2.2.
#[rustfmt::skip]
const SPANISH_SINGLE: &[(u8, char)] = &[
    (0x09, 'ç'), (0x41, 'Á'), (0x49, 'Í'), (0x4F, 'Ó'), (0x55, 'Ú'),
    (0x61, 'á'), (0x69, 'í'), (0x6F, 'ó'), (0x75, 'ú'),
];

/// TS 23.038 A.3.3.
#[rustfmt::skip]
const PORTUGUESE_LOCKING: &[(u8, char)] = &[
    (0x04, 'ê'), (0x06, 'ú'), (0x07, 'í'), (0x08, 'ó'), (0x09, 'ç'), (0x0B, 'Ô'), (0x0C, 'ô'),
    (0x0E, 'Á'), (0x0F, 'á'), (0x12, 'ª'), (0x13, 'Ç'), (0x14, 'À'), (0x15, '∞'), (0x16, '^'),
    (0x17, '\\'), (0x18, '€'), (0x19, 'Ó'), (0x1A, '|'), (0x1C, 'Â'), (0x1D, 'â'), (0x1E, 'Ê'),
    (0x24, 'º'), (0x40, 'Í'), (0x5B, 'Ã'), (0x5C, 'Õ'), (0x5D, 'Ú'), (0x60, '~'),
    (0x7B, 'ã'), (0x7C, 'õ'), (0x7D, '`'),
];

/// TS 23.038 A.2.3.
#[rustfmt::skip]
const PORTUGUESE_SINGLE: &[(u8, char)] = &[
    (0x05, 'ê'), (0x09, 'ç'), (0x0B, 'Ô'), (0x0C, 'ô'), (0x0E, 'Á'), (0x0F, 'á'), (0x12, 'Φ'),
    (0x13, 'Γ'), (0x15, 'Ω'), (0x16, 'Π'), (0x17, 'Ψ'), (0x18, 'Σ'), (0x19, 'Θ'), (0x1F, 'Ê'),
    (0x41, 'À'), (0x49, 'Í'), (0x4F, 'Ó'), (0x55, 'Ú'), (0x5B, 'Ã'), (0x5C, 'Õ'), (0x61, 'Â'),
    (0x69, 'í'), (0x6F, 'ó'), (0x75, 'ú'), (0x7B, 'ã'), (0x7C, 'õ'), (0x7F, 'â'),
];
