//! What leaves: references, parts, and the reports that come back.
