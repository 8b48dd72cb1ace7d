//! Bytes that come in: echo, command lines, prompts.

use super::Machine;
use super::answer::{End, Reply, Shape};
use super::durable::Mode;
use super::faults::Turn;
use super::parse::{self, Command};
use cordboard_plugin::Timestamp;

const BACKSPACE: u8 = 0x08;
const CTRL_Z: u8 = 0x1a;
const ESC: u8 = 0x1b;

impl Machine {
    /// Acts on what waits, as far as the modem is not busy.
    pub(super) fn run_input(&mut self, now: Timestamp) {
        let waiting = self.durable.input.take_waiting();
        let mut rest = waiting.as_slice();
        while let Some((byte, after)) = rest.split_first() {
            if self.busy_until.is_some() || self.is_deaf(now) {
                break;
            }
            rest = after;
            match self.durable.input.mode {
                Mode::Command => self.take_command_byte(now, *byte),
                mode => self.take_body_byte(now, *byte, mode),
            }
        }
        if !self.is_deaf(now) {
            self.durable.input.append(rest);
        }
    }

    fn echo(&mut self, now: Timestamp, byte: u8) {
        if self.durable.settings.echo {
            self.out.say(now, &[byte]);
        }
    }

    fn take_command_byte(&mut self, now: Timestamp, byte: u8) {
        self.echo(now, byte);
        match byte {
            b'\r' => {
                let line = self.durable.input.take_line();
                self.run_line(now, &line);
            }
            b'\n' => {}
            BACKSPACE => self.durable.input.pop(),
            _ => self.durable.input.push(byte),
        }
    }

    fn take_body_byte(&mut self, now: Timestamp, byte: u8, mode: Mode) {
        match byte {
            CTRL_Z => {
                let body = self.durable.input.take_line();
                self.durable.input.mode = Mode::Command;
                self.run_body(now, mode, &body);
            }
            ESC => {
                self.durable.input.take_line();
                self.durable.input.mode = Mode::Command;
                if self.kind.answers_escape {
                    self.finish(now, Reply::ok(), Shape::Plain);
                }
                self.say_waiting_lines(now);
            }
            // A CR in the body makes a new prompt, and is no part of the PDU.
            b'\r' => self.out.say(now, b"\r\n> "),
            b'\n' => {}
            BACKSPACE => self.durable.input.pop(),
            _ => {
                self.echo(now, byte);
                self.durable.input.push(byte);
            }
        }
    }

    fn run_line(&mut self, now: Timestamp, line: &str) {
        let Some(commands) = parse::parse(line) else {
            return self.finish(now, Reply::end(End::Error), Shape::Plain);
        };
        if commands.is_empty() {
            return;
        }
        let (mut all, mut shape) = (Reply::ok(), Shape::Plain);
        for command in &commands {
            match self.turn(&command_fault(command)) {
                Turn::Nothing => return,
                Turn::Refused(end) => all.end = end,
                Turn::Left(event) => return self.happen(now, event),
                Turn::Done { shape: ordered, after } => {
                    let reply = self.answer(now, command);
                    all.lines.extend(reply.lines);
                    all.end = reply.end;
                    shape = if ordered == Shape::Plain { shape } else { ordered };
                    if let Some(event) = after {
                        self.finish(now, all, shape);
                        return self.happen(now, event);
                    }
                }
            }
            if all.end != End::Ok {
                break;
            }
        }
        self.finish(now, all, shape);
    }

    /// A PDU is complete.
    fn run_body(&mut self, now: Timestamp, mode: Mode, body: &str) {
        let (word, is_sending) = match mode {
            Mode::Sending { .. } => ("cmgs", true),
            _ => ("cmgw", false),
        };
        match self.turn(word) {
            Turn::Nothing => self.say_waiting_lines(now),
            Turn::Refused(end) => self.finish(now, Reply::end(end), Shape::Plain),
            Turn::Left(event) => self.happen(now, event),
            Turn::Done { shape, after } => {
                let reply = if is_sending {
                    self.send_body(now, mode, body)
                } else {
                    self.keep_body(mode, body)
                };
                self.finish(now, reply, shape);
                if let Some(event) = after {
                    self.happen(now, event);
                }
            }
        }
    }
}

/// Faults of `+CMGS` and `+CMGW` strike after the body; before it the fault is called `prompt`.
fn command_fault(command: &Command) -> String {
    match command.name.as_str() {
        "+CMGS" | "+CMGW" if matches!(command.form, parse::Form::Set(_)) => "prompt".to_owned(),
        _ => command.word(),
    }
}
