//! Nodes of two builds beside each other, as during an upgrade. The builds differ in one style
//! sheet and in the names of their scripts.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    browser::{Browser, Response},
    program::{Place, Result, Running},
    proxies::{self, Proxy},
};

/// A rule of style/print.css, and another one of the same length.
const RULE: (&str, &str) = ("--line: #999;", "--line: #777;");

/// A folder with the program of one of two builds. The style sheet is a part of the program, and
/// its address is computed from it at the start; so a program in which one rule is replaced by
/// another one of the same length is what a build with that rule would be.
fn place(build: &str) -> Result<Place> {
    let place = Place::new()?.on_free_ports();
    if build == "new" {
        let program = fs::read(place.path("marigold"))?;
        let at = test_support::find_bytes(&program, RULE.0.as_bytes()).ok_or("no such rule")?;
        let mut changed = program;
        changed.splice(at..at + RULE.0.len(), RULE.1.bytes());
        assert_eq!(test_support::find_bytes(&changed, RULE.0.as_bytes()), None, "it is there once");
        // The file is linked to that of all tests.
        fs::remove_file(place.path("marigold"))?;
        fs::write(place.path("marigold"), changed)?;
        fs::set_permissions(place.path("marigold"), fs::Permissions::from_mode(0o700))?;
    }
    fs::write(place.path("hash.txt"), format!("js: {build}\nwasm: {build}\n"))?;
    for ending in ["js", "wasm"] {
        let folder = place.path("target/site/pkg");
        let from = folder.join(format!("marigold.{ending}"));
        fs::rename(from, folder.join(format!("marigold.{build}.{ending}")))?;
    }
    let script = place.path(&format!("target/site/pkg/marigold.{build}.js"));
    fs::write(script, format!("export const build = {build:?};"))?;
    Ok(place)
}

/// The addresses of the style sheet and the script of a page with islands.
fn files_of_page(node: SocketAddr) -> Result<Vec<String>> {
    let page = Browser::default().get(node, "/simulator/%2B447700900111")?.body;
    let mut found = Vec::new();
    for (start, end) in [("\"/style/", ".css"), ("\"/pkg/", ".js"), ("\"/pkg/", ".wasm")] {
        for rest in page.split(start).skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            if name.ends_with(end) {
                found.push(format!("{}{name}", start.trim_start_matches('"')));
            }
        }
    }
    found.sort();
    found.dedup();
    if found.len() < 2 {
        return Err(format!("{found:?}: {page:.300}").into());
    }
    Ok(found)
}

fn fetch(node: SocketAddr, path: &str) -> Result<Response> {
    Browser::default().get(node, path)
}

fn shop(running: &Running) -> Result<SocketAddr> {
    Ok(running.addresses()?[0])
}

#[test]
fn a_file_of_another_build_is_not_found_and_never_kept() -> Result {
    let (old, new) = (place("old")?, place("new")?);
    let (old, new) = (old.start()?, new.start()?);
    let nodes = [shop(&old)?, shop(&new)?];
    let mut others = ["/style/any.css", "/style/0123456789abcdef.css", "/pkg/marigold.0.js"]
        .map(|path| (nodes[0], path.to_owned()))
        .to_vec();
    for [own, other] in [nodes, [nodes[1], nodes[0]]] {
        for path in files_of_page(own)? {
            let found = fetch(own, &path)?;
            assert_eq!(found.status, 200, "{path}");
            let kept = found.header("cache-control");
            assert_eq!(kept, Some("public, max-age=31536000, immutable"), "{path}");
            others.push((other, path));
        }
    }
    for (node, path) in others {
        let missing = fetch(node, &path)?;
        assert_eq!((missing.status, missing.header("cache-control")), (404, Some("no-store")));
        assert!(!missing.body.is_empty(), "{path}: it says what is wrong");
    }
    Ok(())
}

/// Loads pages of both nodes, and their files from the other node. How many files were right.
pub fn load_mixed(nodes: [SocketAddr; 2], pages: usize) -> Result<usize> {
    let mut right = 0;
    for number in 0..pages {
        let [own, other] = if number % 2 == 0 { nodes } else { [nodes[1], nodes[0]] };
        for path in files_of_page(own)? {
            let (found, expected) = (fetch(other, &path)?, fetch(own, &path)?);
            assert_eq!((found.status, &found.body), (200, &expected.body), "{path}");
            for name in ["content-type", "cache-control"] {
                assert_eq!(found.header(name), expected.header(name), "{path}");
            }
            right += 1;
        }
    }
    Ok(right)
}

/// Starts two nodes of two builds that share a folder.
pub fn start_mixed(folder: &Path) -> Result<[(Place, Running); 2]> {
    let start = |build: &str| -> Result<(Place, Running)> {
        let place = place(build)?.with("MARIGOLD_SHARED_FILES", folder.display());
        let running = place.start()?;
        Ok((place, running))
    };
    Ok([start("old")?, start("new")?])
}

#[test]
fn nodes_of_two_builds_answer_for_each_others_files_in_a_shared_folder() -> Result {
    let folder = tempfile::tempdir()?;
    let [(_old_place, old), (_new_place, new)] = start_mixed(folder.path())?;
    let nodes = [shop(&old)?, shop(&new)?];
    assert!(load_mixed(nodes, 4)? >= 8);
    for path in ["/style/any.css", "/style/0123456789abcdef.css", "/pkg/marigold.0.js"] {
        let missing = fetch(nodes[0], path)?;
        assert_eq!((missing.status, missing.header("cache-control")), (404, Some("no-store")));
    }
    let partial = |folder: PathBuf| -> Result<bool> {
        let mut names = fs::read_dir(folder)?;
        Ok(names
            .any(|entry| entry.is_ok_and(|it| it.path().display().to_string().contains("partial"))))
    };
    assert!(!partial(folder.path().join("pkg"))? && !partial(folder.path().join("style"))?);
    Ok(())
}

#[test]
fn a_shared_folder_needs_names_with_hashes_and_must_be_writable() -> Result {
    let folder = tempfile::tempdir()?;
    let plain =
        Place::new()?.on_free_ports().with("MARIGOLD_SHARED_FILES", folder.path().display());
    let said = plain.refusal()?;
    assert!(said.contains("have no hashes in their names"), "{said}");
    let file = folder.path().join("file");
    fs::write(&file, "")?;
    let said = place("old")?.with("MARIGOLD_SHARED_FILES", file.display()).refusal()?;
    assert!(said.contains("MARIGOLD_SHARED_FILES=") && said.contains("cannot be used"), "{said}");
    Ok(())
}

/// Checks that a proxy finds the files of both builds, whichever node it asks first.
fn check_proxy(proxy: &Proxy, nodes: [SocketAddr; 2]) -> Result {
    for node in nodes {
        for path in files_of_page(node)? {
            for _ in 0..4 {
                let found = fetch(proxy.address, &path)?;
                assert_eq!(found.status, 200, "{path}");
                assert_eq!(found.body, fetch(node, &path)?.body, "{path}");
            }
        }
    }
    assert_eq!(fetch(proxy.address, "/style/0123456789abcdef.css")?.status, 404);
    Ok(())
}

/// Runs the rule of docs/DEPLOYMENT.md for one proxy before two nodes that share no folder.
fn behind_proxy(
    program: &str,
    language: &str,
    command: impl Fn(&Path, &str, SocketAddr) -> Result<Command>,
) -> Result {
    if !proxies::is_installed(program) {
        return Ok(());
    }
    let address = proxies::free_address()?;
    let (old, new) = (place("old")?, place("new")?);
    let (old, new) = (old.start()?, new.start()?);
    let nodes = [shop(&old)?, shop(&new)?];
    let snippet = proxies::snippet(&format!("{language} two-builds"))?;
    let snippet = proxies::with(
        &snippet,
        &[("127.0.0.1:3000", &nodes[0].to_string()), ("127.0.0.1:3001", &nodes[1].to_string())],
    );
    let folder = tempfile::tempdir()?;
    let command = command(folder.path(), &snippet, address)?;
    check_proxy(&proxies::start(command, address)?, nodes)
}

#[test]
fn nginx_asks_the_other_node_for_the_files_of_another_build() -> Result {
    behind_proxy("nginx", "nginx", |folder, snippet, address| {
        let server = format!("server {{\nlisten {address};\n");
        let snippet = proxies::with(snippet, &[("server {\n", &server)]);
        proxies::nginx(folder, &snippet)
    })
}

#[test]
fn haproxy_asks_the_other_node_for_the_files_of_another_build() -> Result {
    behind_proxy("haproxy", "haproxy", |folder, snippet, address| {
        let defaults = "defaults\nmode http\ntimeout connect 5s\ntimeout client 60s\n\
                        timeout server 60s\n";
        let bind = format!("frontend shop\n    bind {address}\n");
        let snippet = proxies::with(snippet, &[("frontend shop\n", &bind)]);
        proxies::haproxy_command(folder, &format!("{defaults}{snippet}"))
    })
}

#[test]
fn caddy_asks_the_other_node_for_the_files_of_another_build() -> Result {
    behind_proxy("caddy", "caddyfile", |folder, snippet, address| {
        let snippet = proxies::with(snippet, &[("shop.example", &format!("http://{address}"))]);
        proxies::caddy_command(folder, &snippet)
    })
}
