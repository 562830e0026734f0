//! Filled commands pasted into an interactive bash on a pseudo-terminal, as a person pastes them: there the
//! line editor, completion and history expansion read the text before the shell does.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::quoting_tests::{CONTEXTS, filled};

const VALUES: &[&str] =
    &["web-0", "a!b !! !x", "\"; touch pwned #", "'$(touch pwned)`touch pwned`", "\\ * ~ \\", "é {a,b} 👩"];

/// An interactive bash; `script` gives it the terminal.
struct Terminal {
    child: Child,
    directory: PathBuf,
}

impl Terminal {
    fn open(directory: &Path, bracketed: bool) -> Self {
        let startup = format!(
            "PS1='> '\nunset HISTFILE\nset -o history -o histexpand\nbind 'set enable-bracketed-paste {}'\n",
            if bracketed { "on" } else { "off" }
        );
        fs::write(directory.join("startup"), startup).unwrap();
        let child = Process::new("script")
            .args(["-qec", "bash --noprofile --rcfile startup -i", "/dev/null"])
            .current_dir(directory)
            .env("TERM", "xterm")
            .env("HOME", directory)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`script` of util-linux is needed");
        Self { child, directory: directory.to_owned() }
    }

    /// Pastes text, presses return, and waits until what it runs is done. Answers with what it printed.
    fn paste(&mut self, text: &str, bracketed: bool) -> String {
        let done = self.directory.join("done");
        let text = format!("{{ {text}\n}} > out 2>&1; mv out done");
        let keys = if bracketed { format!("\x1b[200~{text}\x1b[201~\n") } else { format!("{text}\n") };
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).unwrap();
        stdin.flush().unwrap();
        for _ in 0..2000 {
            if done.exists() {
                let printed = fs::read_to_string(&done).unwrap();
                fs::remove_file(&done).unwrap();
                return printed;
            }
            sleep(Duration::from_millis(5));
        }
        panic!("the terminal never came back from {text:?}");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // End of input ends the shell; what is left of it goes with the terminal, and writes no history as it does: the
        // folder is removed meanwhile.
        drop(self.child.stdin.take());
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn pasted_commands_do_what_they_say() {
    for bracketed in [true, false] {
        let directory =
            std::env::temp_dir().join(format!("leaklens-paste-{}-{bracketed}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut terminal = Terminal::open(&directory, bracketed);
        for value in VALUES {
            for (text, expected) in CONTEXTS {
                let script = filled(text, value).unwrap();
                let printed = terminal.paste(&script, bracketed);
                assert_eq!(printed, expected.replace('V', value), "bracketed {bracketed}: {script}");
            }
        }
        assert!(!directory.join("pwned").exists());
        drop(terminal);
        fs::remove_dir_all(&directory).unwrap();
    }
}
