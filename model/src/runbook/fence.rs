//! A fenced block into its commands.

use super::page::{Block, Span};
use super::python;
use super::shell;
use super::source::Command;
use super::text::copyable;

/// Commands by which shell text is known where nothing says that it is.
const KNOWN: &[&str] = &[
    "amtool",
    "aws",
    "az",
    "bash",
    "cat",
    "crictl",
    "ctr",
    "curl",
    "df",
    "dig",
    "docker",
    "docker-compose",
    "dmesg",
    "etcdctl",
    "export",
    "flux",
    "gcloud",
    "git",
    "grep",
    "helm",
    "jcmd",
    "jmap",
    "journalctl",
    "jstat",
    "k9s",
    "kubectl",
    "kustomize",
    "logcli",
    "ls",
    "nerdctl",
    "nslookup",
    "oc",
    "openssl",
    "pip",
    "podman",
    "promtool",
    "ps",
    "psql",
    "py-spy",
    "python",
    "python3",
    "rabbitmqctl",
    "redis-cli",
    "sh",
    "ssh",
    "stern",
    "sudo",
    "systemctl",
    "tail",
    "top",
    "vmstat",
    "watch",
    "wget",
];

/// A command in a session is followed over so many lines.
const MAX_CONTINUATIONS: usize = 100;
/// After so many stray quotes the rest of a block is one command.
const MAX_STRAY_QUOTES: usize = 20;

/// What a block holds.
#[derive(Debug, Default)]
pub(super) struct Fence {
    pub(super) commands: Vec<Command>,
    pub(super) notes: Vec<Block>,
    /// Line and sentence.
    pub(super) problems: Vec<(usize, String)>,
}

/// Whether a line of text begins with a command people run on call.
pub(super) fn reads_as_command(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.next().is_some_and(|word| KNOWN.contains(&word)) && words.next().is_some()
}

/// Reads a block. `info` is what stands after the fence, `line` the line of its first line of text.
pub(super) fn read(info: &str, text: &str, line: usize) -> Fence {
    let language = info.split([' ', ',', '{', '\t']).next().unwrap_or_default().to_lowercase();
    let text = copyable(text.trim_end());
    if text.trim().is_empty() {
        return Fence::default();
    }
    match language.as_str() {
        "bash" | "sh" | "shell" | "zsh" | "ksh" | "fish" if !prompted(&text) => {
            Reader::of(&language, &text, line).read()
        }
        "bash" | "sh" | "shell" | "zsh" | "ksh" | "fish" | "console" | "shell-session" | "shellsession"
        | "terminal" | "bash-session" => session(&text, line),
        "promql" | "logql" | "python" | "py" | "sql" | "jq" | "javascript" | "js" | "ruby" | "java"
        | "go" | "powershell" | "pycon" => {
            let (title, body) = leading_comment(&text);
            let language = if language == "py" { "python".to_owned() } else { language };
            let command = Command { title, language, text: body, line, ..Command::default() };
            Fence { commands: vec![command], ..Fence::default() }
        }
        "" if prompted(&text) => session(&text, line),
        "" if first_line(&text).is_some_and(reads_as_command) => Reader::of("bash", &text, line).read(),
        _ => Fence { notes: vec![Block::Code { language, text }], ..Fence::default() },
    }
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))
}

fn prompted(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("$ "))
}

/// A comment above a block of another language is its title.
fn leading_comment(text: &str) -> (String, String) {
    let comment = |line: &str| line.strip_prefix("# ").or(line.strip_prefix("// ")).map(str::to_owned);
    let titles: Vec<_> = text.lines().map_while(comment).collect();
    let body: Vec<_> = text.lines().skip(titles.len()).collect();
    if body.iter().all(|line| line.trim().is_empty()) {
        return (String::new(), text.to_owned());
    }
    (titles.join(" "), body.join("\n").trim_matches('\n').to_owned())
}

/// A session: commands after `$ `, all else is what they printed. Where every prompt is root's `# `, that is
/// one; else it begins a comment.
fn session(text: &str, line: usize) -> Fence {
    let mut fence = Fence::default();
    let mut output = Vec::new();
    let mut comments = String::new();
    let root = !prompted(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut index = 0;
    while let Some(content) = lines.get(index).copied() {
        let prompt = content.strip_prefix(if root { "# " } else { "$ " });
        let Some(first) = prompt else {
            if !root && content.starts_with('#') {
                comments.extend([content, "\n"]);
            } else {
                output.push(content);
            }
            index += 1;
            continue;
        };
        let mut command = first.to_owned();
        let mut taken = 1;
        while is_unfinished(&command) {
            let more = lines.get(index + taken).filter(|_| taken < MAX_CONTINUATIONS);
            let Some(more) = more else {
                // It never ends: a stray quote. The line alone is the command.
                first.clone_into(&mut command);
                taken = 1;
                break;
            };
            command.push('\n');
            command.push_str(more.strip_prefix("> ").unwrap_or(more));
            taken += 1;
        }
        let titled = std::mem::take(&mut comments) + &command;
        let read = Reader::of("bash", &titled, line + index).read();
        fence.commands.extend(read.commands);
        fence.notes.extend(read.notes);
        index += taken;
    }
    output.extend(comments.lines());
    if output.iter().any(|line| !line.trim().is_empty()) {
        fence.notes.push(Block::Code { language: "text".to_owned(), text: output.join("\n") });
    }
    fence
}

fn is_unfinished(command: &str) -> bool {
    shell::scan(&shell::symbols(&format!("{command}\n"), &[]), true).ends.is_empty()
}

struct Reader<'a> {
    language: &'a str,
    rest: &'a str,
    /// The characters of `rest`, for the shell's reader; their offsets count from the block's start.
    syms: Vec<shell::Sym>,
    /// How many bytes of the block are read.
    read: usize,
    line: usize,
    /// Comment lines that wait for their command.
    comments: Vec<&'a str>,
    comments_ended: bool,
    assigned: Vec<String>,
    fence: Fence,
}

impl<'a> Reader<'a> {
    fn of(language: &'a str, text: &'a str, line: usize) -> Self {
        Self {
            language,
            rest: text,
            syms: shell::symbols(text, &[]),
            read: 0,
            line,
            comments: Vec::new(),
            comments_ended: false,
            assigned: Vec::new(),
            fence: Fence::default(),
        }
    }

    fn read(mut self) -> Fence {
        if self.rest.starts_with("#!") {
            // A script is one thing.
            let whole = self.rest;
            self.command(whole, self.language);
            return self.fence;
        }
        while !self.rest.is_empty() {
            let line = self.rest.lines().next().unwrap_or_default();
            let trimmed = line.trim();
            if trimmed.is_empty() {
                self.comments_ended = !self.comments.is_empty();
                self.skip(line.len() + 1);
            } else if let Some(comment) = trimmed.strip_prefix('#') {
                if self.comments_ended {
                    self.comments_to_notes();
                }
                self.comments.push(comment.trim_start_matches('#').trim());
                self.skip(line.len() + 1);
            } else if is_table_head(line) {
                let text = &self.rest[..paragraph_length(self.rest)];
                let language = "text".to_owned();
                self.fence.notes.push(Block::Code { language, text: text.trim_end().to_owned() });
                self.skip(text.len());
            } else if python::begins(line) {
                let length = python::length(self.rest);
                self.command(&self.rest[..length], "python");
            } else {
                if let Some(prompt) = line.find("$ ").filter(|at| line[..*at].trim().is_empty()) {
                    self.skip(prompt + 2);
                }
                let from = self.syms.partition_point(|sym| sym.at < self.read);
                let syms = &self.syms[from..];
                let scan = shell::scan(syms, true);
                let end = scan.ends.first().and_then(|end| syms.get(*end));
                let mut length = end.map_or(self.rest.len(), |sym| sym.at - self.read);
                if scan.ends.is_empty() && scan.open && self.fence.problems.len() < MAX_STRAY_QUOTES {
                    // A stray quote must not swallow the commands of the next paragraph.
                    length = paragraph_length(self.rest);
                    let text = "a quote or block stays open in this command".to_owned();
                    self.fence.problems.push((self.line, text));
                }
                self.assigned.extend(scan.assigned);
                self.command(&self.rest[..length], self.language);
            }
        }
        self.comments_to_notes();
        for command in &mut self.fence.commands {
            command.assigned.clone_from(&self.assigned);
        }
        self.fence
    }

    fn command(&mut self, text: &str, language: &str) {
        let command = Command {
            title: std::mem::take(&mut self.comments).join(" "),
            language: language.to_owned(),
            text: text.trim().to_owned(),
            assigned: Vec::new(),
            line: self.line,
        };
        self.comments_ended = false;
        self.fence.commands.push(command);
        self.skip(text.len());
    }

    /// Comments that stand above no command are text.
    fn comments_to_notes(&mut self) {
        self.comments_ended = false;
        if !self.comments.is_empty() {
            let text = std::mem::take(&mut self.comments).join("\n");
            let spans = vec![Span { text, ..Span::default() }];
            self.fence.notes.push(Block::Paragraph { spans });
        }
    }

    fn skip(&mut self, bytes: usize) {
        let (skipped, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.line += skipped.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
        self.read += skipped.len();
    }
}

/// The bytes up to the next empty line.
fn paragraph_length(text: &str) -> usize {
    let lines = text.split_inclusive('\n').take_while(|line| !line.trim().is_empty());
    lines.map(str::len).sum()
}

/// Whether a line is the head of a table that a command printed: `NAME   READY   STATUS`.
fn is_table_head(line: &str) -> bool {
    let cells: Vec<_> = line.trim().split("  ").filter(|cell| !cell.trim().is_empty()).collect();
    let upper = |cell: &&str| cell.chars().all(|ch| !ch.is_lowercase()) && cell.contains(char::is_alphabetic);
    cells.len() >= 3 && cells.iter().all(upper) && !line.contains(['$', '=', '|', '<', '>', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(fence: &Fence) -> Vec<(&str, &str)> {
        fence.commands.iter().map(|command| (command.title.as_str(), command.text.as_str())).collect()
    }

    #[test]
    fn commands_end_where_a_shell_ends_them() {
        let text = "# One\nkubectl get pods\n\n# Two\nkubectl exec x -- python -c \"\nimport os\nprint('it')\n\"\n\
                    cat <<EOF | wc\na 'b\nEOF\nfoo \\\n  --bar |\n  baz\nfor i in 1 2; do\n  echo $i\ndone\n# Tail";
        let fence = read("bash", text, 1);
        assert_eq!(
            texts(&fence),
            [
                ("One", "kubectl get pods"),
                ("Two", "kubectl exec x -- python -c \"\nimport os\nprint('it')\n\""),
                ("", "cat <<EOF | wc\na 'b\nEOF"),
                ("", "foo \\\n  --bar |\n  baz"),
                ("", "for i in 1 2; do\n  echo $i\ndone"),
            ]
        );
        assert_eq!(fence.notes.len(), 1, "the last comment is kept as text");
        assert_eq!(fence.commands.iter().map(|c| c.line).collect::<Vec<_>>(), [2, 5, 9, 12, 15]);
    }

    #[test]
    fn python_under_a_shell_stays_one_block() {
        let text = "kubectl exec -it p -- python manage.py shell\n\n# Inside:\nimport gc\nx = gc.get_objects()\n\
                    if x:\n    # why\n    print(len(x))\n\n# Next\nkubectl get pods";
        let fence = read("bash", text, 1);
        assert_eq!(
            texts(&fence),
            [
                ("", "kubectl exec -it p -- python manage.py shell"),
                ("Inside:", "import gc\nx = gc.get_objects()\nif x:\n    # why\n    print(len(x))"),
                ("Next", "kubectl get pods"),
            ]
        );
        assert_eq!(fence.commands[1].language, "python");
    }

    #[test]
    fn output_is_no_command_and_a_stray_quote_ends_with_its_paragraph() {
        let fence =
            read("shell", "kubectl get pod\nNAME   READY   STATUS\nx-0    1/1     Running\n\nls -l", 1);
        assert_eq!(texts(&fence), [("", "kubectl get pod"), ("", "ls -l")]);
        assert_eq!(fence.notes.len(), 1);
        let fence = read("bash", "# A\ncurl x`\n\n# B\nls -l", 1);
        assert_eq!(texts(&fence), [("A", "curl x`"), ("B", "ls -l")]);
        assert_eq!(fence.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2]);
        let fence = read("bash", "# List\n$ ls -l\ntotal 0", 1);
        assert_eq!(texts(&fence), [("List", "ls -l")]);
        assert_eq!(texts(&read("console", "# df -h\n/dev/sda", 1)), [("", "df -h")]);
    }

    #[test]
    fn sessions_keep_what_was_printed() {
        let fence = read("console", "$ kubectl get pod \\\n> -o wide\nNAME READY\n$ ls -l", 1);
        assert_eq!(texts(&fence), [("", "kubectl get pod \\\n-o wide"), ("", "ls -l")]);
        assert_eq!(fence.notes, [Block::Code { language: "text".to_owned(), text: "NAME READY".to_owned() }]);
    }

    #[test]
    fn other_languages_stay_whole() {
        assert_eq!(texts(&read("promql", "# Rate\nrate(x[5m])\n  > 1", 1)), [("Rate", "rate(x[5m])\n  > 1")]);
        assert_eq!(read("yaml", "a: b", 1).commands, []);
        assert_eq!(read("", "NAME READY\nx 1/1", 1).commands, []);
        assert_eq!(texts(&read("", "kubectl get pods", 1)), [("", "kubectl get pods")]);
    }
}
