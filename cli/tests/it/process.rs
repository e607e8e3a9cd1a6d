//! Running the binary in a folder of its own, with an environment of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// No wait is longer, however loaded the machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// A folder to run the binary in.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    /// The binary with arguments split at spaces, and nothing of our own environment.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }
}

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one sentence of a refusal: exit code, and stderr without anything else.
    pub(crate) fn refusal(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        let sentence = self
            .stderr
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("{self:?}"))
            .trim_end();
        assert!(
            !sentence.contains('\n') && !sentence.contains("panicked"),
            "{self:?}"
        );
        sentence
    }

    pub(crate) fn good(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.stdout
    }
}

/// The lowest port that systems give to outgoing connections: those of other tests take one at any moment, also while a
/// process is still on its way to listen.
const FIRST_EPHEMERAL: u32 = 32_768;
const FIRST_OF_TESTS: u32 = 20_000;

/// A port that nobody has at the moment, and that no outgoing connection takes.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let from = std::process::id().wrapping_mul(97);
    let span = FIRST_EPHEMERAL - FIRST_OF_TESTS;
    let candidates =
        (0..span).map(|_| FIRST_OF_TESTS + (from.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed))) % span);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    candidates
        .filter_map(|port| u16::try_from(port).ok())
        .find(free)
        .unwrap()
}

/// A running process; it is killed when the test is over.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        Self(
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    /// The same with its log in a file: however much it says, it is never kept waiting.
    pub(crate) fn start_logging_to(mut command: Command, log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        Self(command.stdout(Stdio::piped()).stderr(log).spawn().unwrap())
    }

    pub(crate) fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill")
                .args([signal, &self.0.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let started = Instant::now();
        while self.0.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut ended = Ended {
            code: self.0.wait().unwrap().code(),
            stdout: String::new(),
            stderr: String::new(),
        };
        std::io::Read::read_to_string(&mut self.0.stdout.take().unwrap(), &mut ended.stdout).unwrap();
        if let Some(mut stderr) = self.0.stderr.take() {
            std::io::Read::read_to_string(&mut stderr, &mut ended.stderr).unwrap();
        }
        ended
    }

    /// What a process that has ended said last.
    fn said(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stderr) = self.0.stderr.take() {
            std::io::Read::read_to_string(&mut stderr, &mut text).unwrap();
        }
        text
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One HTTP request, answered or not.
pub(crate) fn request(port: u16, request: &str) -> Option<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Waits until a server answers; fails when its process ends instead. Returns how long it took.
pub(crate) fn wait_ready(running: &mut Running, port: u16) -> Duration {
    let started = Instant::now();
    loop {
        let answer = request(
            port,
            "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        );
        if answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            return started.elapsed();
        }
        assert!(
            !running.has_ended(),
            "it ended instead of serving: {:?}",
            running.said()
        );
        assert!(started.elapsed() < PATIENCE, "it never became ready");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A GraphQL request: status line and answer, or nothing where none came.
pub(crate) fn graphql(
    port: u16,
    token: &str,
    query: &str,
    variables: &serde_json::Value,
) -> Option<(String, serde_json::Value)> {
    let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = request(port, &(head + &body))?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let body = body
        .find('{')
        .and_then(|start| body.rfind('}').map(|end| &body[start..=end]))?;
    Some((head.lines().next()?.to_owned(), serde_json::from_str(body).ok()?))
}

/// A GET: all of the answer, or nothing where none came.
pub(crate) fn get(port: u16, path: &str) -> Option<String> {
    request(
        port,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
}

/// Waits until something is so, and says how long that took.
pub(crate) fn wait_until(what: &str, patience: Duration, mut is_so: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < patience, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("{what}: {:?}", started.elapsed());
    started.elapsed()
}
