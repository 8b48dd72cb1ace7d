//! GIF: CompuServe's "Graphics Interchange Format, Version 89a", and Netscape's loop.
//!
//! What stays: pictures, their palettes, times and transparency, and how often it loops. What goes:
//! comments, all other application extensions (XMP lives there), words to be drawn (nobody draws
//! them), and all behind the trailer.

use std::borrow::Cow;
use std::ops::Range;

use super::{Size, area};
use crate::bytes::{has, le16};
use crate::error::Fault;
use crate::output::Output;

/// Signature and logical screen descriptor.
const HEADER_BYTES: usize = 13;

enum Block {
    /// A picture, from its descriptor to the end of its data.
    Picture { whole: Range<usize>, width: u16, height: u16 },
    /// Time and transparency of the next picture.
    Control(Range<usize>),
    /// How often it loops, and where the counter stands.
    Loop { whole: Range<usize>, counter: usize },
    /// Words to be drawn: uses up the control before it.
    Words,
    /// Anything else.
    Other,
    /// The trailer, or the end of the file right where it should be.
    End,
}

struct Blocks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Fault> {
        let flags = bytes.get(10).ok_or(Fault::Broken("no header"))?;
        let at = HEADER_BYTES + palette_bytes(*flags);
        if at > bytes.len() { Err(Fault::Broken("no header")) } else { Ok(Self { bytes, at }) }
    }

    fn next(&mut self) -> Result<Block, Fault> {
        let start = self.at;
        match self.bytes.get(start) {
            None | Some(0x3b) => Ok(Block::End),
            Some(0x2c) => self.picture(start),
            Some(0x21) => self.extension(start),
            Some(_) => Err(Fault::Broken("an unknown block")),
        }
    }

    fn picture(&mut self, start: usize) -> Result<Block, Fault> {
        let cut = Fault::Broken("ends within a picture");
        let width = le16(self.bytes, start + 5).ok_or(cut)?;
        let height = le16(self.bytes, start + 7).ok_or(cut)?;
        let flags = self.bytes.get(start + 9).ok_or(cut)?;
        // Descriptor, palette, one byte for the size of codes.
        self.at = start + 10 + palette_bytes(*flags) + 1;
        self.skip_data()?;
        Ok(Block::Picture { whole: start..self.at, width, height })
    }

    fn extension(&mut self, start: usize) -> Result<Block, Fault> {
        let label = self.bytes.get(start + 1).copied();
        self.at = start + 2;
        self.skip_data()?;
        let whole = start..self.at;
        Ok(match label {
            Some(0xf9) if whole.len() == 8 && has(self.bytes, start + 2, &[4]) => {
                Block::Control(whole)
            }
            Some(0xff) if self.is_loop(start) => Block::Loop { whole, counter: start + 16 },
            Some(0x01) => Block::Words,
            _ => Block::Other,
        })
    }

    fn is_loop(&self, start: usize) -> bool {
        (has(self.bytes, start + 2, b"\x0bNETSCAPE2.0")
            || has(self.bytes, start + 2, b"\x0bANIMEXTS1.0"))
            && has(self.bytes, start + 14, b"\x03\x01")
    }

    /// Data come in pieces of at most 255 bytes, the last of which is empty.
    fn skip_data(&mut self) -> Result<(), Fault> {
        loop {
            let length = self.bytes.get(self.at).ok_or(Fault::Broken("ends within its data"))?;
            self.at += 1 + usize::from(*length);
            if *length == 0 {
                return Ok(());
            }
        }
    }
}

fn palette_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Whether it holds more than one picture, as far as it can be read.
pub(crate) fn is_animated(bytes: &[u8]) -> bool {
    let Ok(mut blocks) = Blocks::new(bytes) else { return false };
    let mut pictures = 0;
    while let Ok(block) = blocks.next() {
        match block {
            Block::Picture { .. } => pictures += 1,
            Block::End => break,
            _ => {}
        }
        if pictures > 1 {
            return true;
        }
    }
    false
}

/// Removes metadata.
pub(crate) fn strip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let mut blocks = Blocks::new(bytes)?;
    let mut output = Output::new(bytes);
    output.keep(0..blocks.at);
    let mut control = None;
    let (mut pictures, mut is_looping) = (0, false);
    loop {
        match blocks.next()? {
            Block::Picture { whole, .. } => {
                if let Some(control) = control.take() {
                    output.keep(control);
                }
                output.keep(whole);
                pictures += 1;
            }
            Block::Control(whole) => control = Some(whole),
            Block::Loop { whole, counter } if !is_looping => {
                is_looping = true;
                let counter = bytes.get(counter..counter + 2).unwrap_or(&[0, 0]);
                let wanted = [&b"\x21\xff\x0bNETSCAPE2.0\x03\x01"[..], counter, &[0]].concat();
                output.keep_as(whole, &wanted);
            }
            Block::Words => control = None,
            Block::Loop { .. } | Block::Other => {}
            Block::End => break,
        }
    }
    if pictures == 0 {
        return Err(Fault::Broken("no picture in it"));
    }
    let end = blocks.at;
    if bytes.get(end).is_some() {
        output.keep(end..end + 1)
    } else {
        output.put(b"\x3b")
    }
    Ok(output.finish())
}

/// Reads the screen's size and every picture's descriptor.
pub(crate) fn measure(bytes: &[u8]) -> Result<Size, Fault> {
    let cut = Fault::Broken("no header");
    let width = u32::from(le16(bytes, 6).ok_or(cut)?);
    let height = u32::from(le16(bytes, 8).ok_or(cut)?);
    let mut blocks = Blocks::new(bytes)?;
    let mut frames = 0u32;
    let mut largest = 0;
    loop {
        match blocks.next()? {
            Block::Picture { width, height, .. } => {
                frames += 1;
                largest = largest.max(area(width.into(), height.into()));
            }
            Block::End => break,
            _ => {}
        }
    }
    if frames == 0 {
        return Err(Fault::Broken("no picture in it"));
    }
    // The screen, and the picture that is put on it, which may be larger.
    let decode_bytes = (area(width, height) + largest).saturating_mul(4);
    Ok(Size { width, height, frames, duration_ms: 0, decode_bytes })
}
