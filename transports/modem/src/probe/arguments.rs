//! What may stand behind `cordboard modem probe`.

/// The arguments, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arguments {
    /// The port; all of them when there is none.
    pub(super) port: Option<String>,
    /// The speed; USB has none and ignores it.
    pub(super) baud: u32,
    /// Where to write the transcript.
    pub(super) record: Option<String>,
    /// The transcript to play instead of asking anybody.
    pub(super) replay: Option<String>,
}

/// The speed of most boards.
const BAUD: u32 = 115_200;

impl Arguments {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn read(args: &[String]) -> Result<Self, String> {
        let mut read = Self { port: None, baud: BAUD, record: None, replay: None };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("`{arg}` wants a value"));
            match arg.as_str() {
                "--record" => read.record = Some(value()?.clone()),
                "--replay" => read.replay = Some(value()?.clone()),
                "--baud" => {
                    let value = value()?;
                    let baud = value.parse().ok().filter(|baud| *baud > 0);
                    read.baud = baud.ok_or_else(|| format!("`--baud {value}` is no speed"))?;
                }
                flag if flag.starts_with('-') => {
                    return Err(format!(
                        "`{flag}` is unknown; there are --baud, --record and --replay"
                    ));
                }
                port if read.port.is_none() => read.port = Some(port.to_owned()),
                port => return Err(format!("`{port}` is a second port; name one or none")),
            }
        }
        if read.replay.is_some() && (read.port.is_some() || read.record.is_some()) {
            return Err("`--replay` asks no port: leave out the port and `--record`".into());
        }
        if read.record.is_some() && read.port.is_none() {
            return Err(
                "`--record` wants a port: `cordboard modem probe PORT --record FILE`".into()
            );
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Arguments, String> {
        Arguments::read(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_come_in_any_order() {
        let all = Arguments { port: None, baud: 115_200, record: None, replay: None };
        assert_eq!(read(&[]), Ok(all.clone()));
        let one = Arguments {
            port: Some("ttyUSB2".into()),
            baud: 9_600,
            record: Some("a".into()),
            ..all.clone()
        };
        assert_eq!(read(&["--record", "a", "ttyUSB2", "--baud", "9600"]), Ok(one));
        assert_eq!(read(&["--baud", "9600"]), Ok(Arguments { baud: 9_600, ..all.clone() }));
        assert_eq!(read(&["--replay", "a"]), Ok(Arguments { replay: Some("a".into()), ..all }));
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (args, part) in [
            (&["--record"][..], "`--record` wants a value"),
            (&["--record", "a"], "wants a port"),
            (&["--baud", "fast"], "`--baud fast`"),
            (&["--baud", "0"], "`--baud 0`"),
            (&["--fast"], "`--fast` is unknown"),
            (&["--replay", "a", "b"], "`--replay` asks no port"),
            (&["a", "b"], "`b` is a second port"),
        ] {
            assert!(read(args).is_err_and(|error| error.contains(part)), "{args:?}");
        }
    }
}
