//! SMS as a modem shows it: PDUs, the GSM 7-bit alphabet, joining and splitting. Pure: octets in, words out.
