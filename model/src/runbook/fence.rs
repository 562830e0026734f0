//! A fenced block into its commands.

use super::page::{Block, Span};
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
        "bash" | "sh" | "shell" | "zsh" | "ksh" | "fish" => Reader::of(&language, &text, line).read(),
        "console" | "shell-session" | "shellsession" | "terminal" | "bash-session" => session(&text, line),
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

/// A session: commands after `$ `, all else is what they printed.
fn session(text: &str, line: usize) -> Fence {
    let mut fence = Fence::default();
    let mut output = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, content)) = lines.next() {
        let Some(first) = content.strip_prefix("$ ").or(content.strip_prefix("# ")) else {
            output.push(content);
            continue;
        };
        let mut command = first.to_owned();
        while shell::scan(&shell::symbols(&format!("{command}\n"), &[]), true).ends.is_empty() {
            let Some((_, more)) = lines.next() else { break };
            command.push('\n');
            command.push_str(more.strip_prefix("> ").unwrap_or(more));
        }
        let read = Reader::of("bash", &command, line + index).read();
        fence.commands.extend(read.commands);
        fence.notes.extend(read.notes);
    }
    if output.iter().any(|line| !line.trim().is_empty()) {
        fence.notes.push(Block::Code { language: "text".to_owned(), text: output.join("\n") });
    }
    fence
}

struct Reader<'a> {
    language: &'a str,
    rest: &'a str,
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
            } else if is_python(line) {
                let length = python_length(self.rest);
                self.command(&self.rest[..length], "python");
            } else {
                if let Some(prompt) = line.find("$ ").filter(|at| line[..*at].trim().is_empty()) {
                    self.skip(prompt + 2);
                }
                let syms = shell::symbols(self.rest, &[]);
                let scan = shell::scan(&syms, true);
                let end = scan.ends.first().and_then(|end| syms.get(*end));
                if scan.ends.is_empty() && scan.open {
                    let text = "a quote or block stays open; all that follows is taken as one command";
                    self.fence.problems.push((self.line, text.to_owned()));
                }
                self.assigned.extend(scan.assigned);
                let length = end.map_or(self.rest.len(), |sym| sym.at);
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
    }
}

/// How far Python goes on: to the next line that begins a shell command, or to the end.
fn python_length(text: &str) -> usize {
    let mut length = 0;
    let mut shell_from = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_end();
        if reads_as_command(trimmed) && !is_python(trimmed) {
            return shell_from;
        }
        length += line.len();
        // A comment right above a shell command is that command's title.
        if !trimmed.is_empty() && !trimmed.starts_with('#') {
            shell_from = length;
        }
    }
    text.len()
}

/// Whether a line in a block of shell text is Python, as pasted below the command that starts an interpreter.
fn is_python(line: &str) -> bool {
    let line = line.trim().strip_prefix(">>> ").unwrap_or(line.trim());
    let block = line.ends_with(':');
    let starts = |word: &str| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '(', ':']));
    if starts("import")
        || starts("from") && line.contains(" import ")
        || starts("print") && line.contains('(')
    {
        return true;
    }
    if block
        && ["def", "class", "for", "if", "elif", "else", "while", "with", "try", "except"]
            .iter()
            .any(|w| starts(w))
    {
        return true;
    }
    let name_end =
        line.find(|ch: char| !ch.is_alphanumeric() && ch != '_' && ch != '.').unwrap_or(line.len());
    let (name, rest) = line.split_at(name_end);
    if name.is_empty() || name.starts_with('.') {
        return false;
    }
    // An assignment with spaces, or a call; `name() {` defines a shell function.
    rest.starts_with(" = ") || rest.starts_with('(') && !rest.starts_with("()") || {
        rest.starts_with("()") && name.contains('.') && !rest.contains('{')
    }
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
