//! Rust sources as tokens, without comments and without what only tests compile.

use std::str::FromStr as _;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::repository::{File, Repository};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Ident,
    /// A string, with its quotes.
    Text,
    /// The text of a doc comment, as a string.
    Doc,
    /// Anything else.
    Other,
}

/// One token.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// As written; `::` is one token.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

/// A file's product code.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file's path from the repository's root.
    pub path: String,
    /// Its tokens; groups are flattened to their brackets and what is between.
    pub tokens: Vec<Token>,
    /// Modules in files of their own that only tests compile.
    test_modules: Vec<String>,
}

impl Source {
    fn parse(file: &File) -> Result<Self> {
        let stream = TokenStream::from_str(&file.text).map_err(|error| anyhow!("{}: {error}", file.path))?;
        let mut source = Self { path: file.path.clone(), tokens: Vec::new(), test_modules: Vec::new() };
        source.flatten(stream);
        Ok(source)
    }

    fn flatten(&mut self, stream: TokenStream) {
        let trees: Vec<_> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            at += 1;
            match tree {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let inner =
                        matches!(trees.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == '!');
                    let Some(TokenTree::Group(attribute)) = trees.get(at + usize::from(inner)) else {
                        continue;
                    };
                    at += 1 + usize::from(inner);
                    if !is_for_tests(attribute) {
                        self.attribute(attribute);
                    } else if inner {
                        return;
                    } else {
                        at += self.skip_item(&trees[at..]);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
                    at += 1;
                    self.push(Kind::Other, "::".to_owned(), tree);
                }
                TokenTree::Punct(punct) => self.push(Kind::Other, punct.to_string(), tree),
                TokenTree::Ident(ident) => self.push(Kind::Ident, ident.to_string(), tree),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let kind = if text.contains('"') { Kind::Text } else { Kind::Other };
                    self.push(kind, text, tree);
                }
                TokenTree::Group(group) => {
                    let (open, close) = brackets(group.delimiter());
                    self.push(Kind::Other, open.to_owned(), tree);
                    self.flatten(group.stream());
                    self.push(Kind::Other, close.to_owned(), tree);
                }
            }
        }
    }

    fn push(&mut self, kind: Kind, text: String, tree: &TokenTree) {
        self.tokens.push(Token { kind, text, line: tree.span().start().line });
    }

    /// Keeps an attribute's tokens; a doc comment's text is marked as such.
    fn attribute(&mut self, attribute: &Group) {
        let first = self.tokens.len();
        self.flatten(attribute.stream());
        let tokens = &mut self.tokens[first..];
        if tokens.first().is_some_and(|token| token.text == "doc") {
            for token in tokens.iter_mut().filter(|token| token.kind == Kind::Text) {
                token.kind = Kind::Doc;
            }
        }
    }

    /// How many trees the item at the start of `trees` has.
    fn skip_item(&mut self, trees: &[TokenTree]) -> usize {
        let end = trees.iter().position(|tree| match tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        });
        let item = &trees[..end.map_or(trees.len(), |end| end + 1)];
        let names: Vec<_> = item.iter().map(ToString::to_string).collect();
        if let [.., keyword, name, end] = names.as_slice()
            && keyword == "mod"
            && end == ";"
        {
            self.test_modules.push(name.clone());
        }
        item.len()
    }

    /// Every path that is named, `use` lists spelt out, with its line.
    pub fn paths(&self) -> Vec<(String, usize)> {
        let mut paths = Vec::new();
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            if token.kind != Kind::Ident {
                at += 1;
            } else if token.text == "use" {
                at += 1;
                self.use_tree(&mut at, "", &mut paths);
            } else {
                paths.push((self.path_at(&mut at), token.line));
            }
        }
        paths
    }

    fn path_at(&self, at: &mut usize) -> String {
        let mut path = self.text(*at).to_owned();
        *at += 1;
        while self.text(*at) == "::" && self.is_ident(*at + 1) {
            path = format!("{path}::{}", self.text(*at + 1));
            *at += 2;
        }
        path
    }

    fn use_tree(&self, at: &mut usize, prefix: &str, paths: &mut Vec<(String, usize)>) {
        if self.text(*at) == "::" {
            *at += 1;
        }
        let line = self.tokens.get(*at).map_or(0, |token| token.line);
        if self.is_ident(*at) {
            let path = format!("{prefix}{}", self.path_at(at));
            if self.text(*at) == "::" {
                *at += 1;
                self.use_tree(at, &format!("{path}::"), paths);
            } else {
                paths.push((path, line));
            }
        } else if self.text(*at) == "{" {
            *at += 1;
            while *at < self.tokens.len() && self.text(*at) != "}" {
                self.use_tree(at, prefix, paths);
                while *at < self.tokens.len() && !matches!(self.text(*at), "," | "}") {
                    *at += 1;
                }
                *at += usize::from(self.text(*at) == ",");
            }
            *at += 1;
        } else {
            paths.push((format!("{prefix}*"), line));
            *at += 1;
        }
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn is_ident(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Ident)
    }
}

/// The product code of the Rust files under these folders: no `#[cfg(test)]` items and no files of such modules.
pub fn sources(repository: &Repository, folders: &[&str]) -> Result<Vec<Source>> {
    let files = repository.under(folders, &["rs"]);
    let sources: Vec<_> = files.map(Source::parse).collect::<Result<_>>()?;
    let mut tests = Vec::new();
    for source in &sources {
        let folder = match source.path.strip_suffix("/mod.rs").or_else(|| source.path.strip_suffix("/lib.rs"))
        {
            Some(folder) => folder,
            None => source.path.trim_end_matches(".rs"),
        };
        tests.extend(source.test_modules.iter().map(|name| format!("{folder}/{name}")));
    }
    let is_test = |path: &str| {
        path.contains("/tests/")
            || tests.iter().any(|test| {
                path.strip_prefix(test.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
    };
    Ok(sources.into_iter().filter(|source| !is_test(&source.path)).collect())
}

fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string();
    text.starts_with("cfg") && text.contains("test") && !text.contains("not") && !text.contains("feature")
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Source {
        Source::parse(&File { path: "model/src/a.rs".into(), text: text.into() }).expect("Rust")
    }

    fn paths(text: &str) -> Vec<String> {
        parse(text).paths().into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn use_lists_are_spelt_out() {
        let text = "use a::{self, b::{c as d, e}, f::*}; use ::g::h; fn i() { j::k::<L>() }";
        assert_eq!(paths(text), ["a::self", "a::b::c", "a::b::e", "a::f::*", "g::h", "fn", "i", "j::k", "L"]);
    }

    #[test]
    fn comments_and_tests_are_no_product_code() {
        let text = "/// Doc.\nfn a() {} // comment\n#[cfg(test)]\n#[path = \"x\"]\nmod t { fn b() {} }\n\
                    #[cfg(test)] mod tests;\n#[cfg(not(test))]\nfn c() {}";
        let source = parse(text);
        let idents: Vec<_> = source.tokens.iter().filter(|token| token.kind == Kind::Ident).collect();
        let idents: Vec<_> = idents.iter().map(|token| (token.text.as_str(), token.line)).collect();
        let kept =
            [("doc", 1), ("fn", 2), ("a", 2), ("cfg", 7), ("not", 7), ("test", 7), ("fn", 8), ("c", 8)];
        assert_eq!(idents, kept);
        assert_eq!(source.test_modules, ["tests"]);
    }

    #[test]
    fn files_of_test_modules_are_left_out() {
        let repository = Repository::of(&[
            ("model/src/a/mod.rs", "#[cfg(test)] mod tests; mod other;"),
            ("model/src/a/tests.rs", "fn t() {}"),
            ("model/src/a/tests/deep.rs", "fn t() {}"),
            ("model/src/a/other.rs", "#[cfg(test)] mod more;"),
            ("model/src/a/other/more.rs", "fn t() {}"),
            ("model/src/a/more.rs", "fn p() {}"),
            ("backend/src/a.rs", "fn p() {}"),
        ]);
        let kept = sources(&repository, &["model"]).expect("Rust");
        let kept: Vec<_> = kept.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(kept, ["model/src/a/mod.rs", "model/src/a/other.rs", "model/src/a/more.rs"]);
    }
}
