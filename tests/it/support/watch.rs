//! A server whose requests can be seen: between it and its clients stands a proxy that writes down every request and
//! every answer's status, and passes the bytes on as they are.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use packhouse::config::Config;

use super::TestApp;

/// A [`TestApp`] seen through the proxy: it names the proxy in its URLs, so that clients come back the same way.
pub struct Watched {
    app: TestApp,
    address: SocketAddr,
    watch: Arc<Watch>,
}

/// One request that reached the server, and how it was answered.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub method: String,
    /// Path and query, exactly as the client wrote them.
    pub target: String,
    headers: Vec<(String, String)>,
    /// 0 until there is an answer.
    pub status: u16,
    /// Whether the client was told `100 Continue` before.
    pub continued: bool,
    /// Bytes of the body that the client sent, without the framing of chunks.
    pub body_size: u64,
}

/// An answer by the proxy itself: to what belongs to GitLab and not to this product.
pub struct StandIn {
    pub method: &'static str,
    /// How the target begins.
    pub target: String,
    pub status: u16,
    pub json: &'static str,
}

#[derive(Default)]
struct Watch {
    seen: Mutex<Vec<Seen>>,
    /// How many of them the test has taken.
    taken: AtomicUsize,
    stand_ins: Mutex<Vec<StandIn>>,
    /// After so many bytes the next answer breaks off; 0 is never.
    cut: AtomicU64,
}

impl TestApp {
    pub fn watched() -> Watched {
        TestApp::watched_with(|_| {})
    }

    pub fn watched_with(configure: impl FnOnce(&mut Config)) -> Watched {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let app = TestApp::start_with(|config| {
            let url = packhouse::http::BaseUrl::parse(&format!("http://{address}"));
            config.url = Some(url.expect("a good URL"));
            configure(config);
        });
        let watch = Arc::new(Watch::default());
        let (server, shared) = (app.address, watch.clone());
        // It ends with the process: a port that nobody knows any more does no harm.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let watch = shared.clone();
                std::thread::spawn(move || serve(&client, server, &watch));
            }
        });
        Watched {
            app,
            address,
            watch,
        }
    }
}

impl Deref for Watched {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl Watched {
    /// The URL of a path, by which clients are seen.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was seen since the last call, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.watch.seen.lock().expect("no watcher panicked");
        let taken = self.watch.taken.swap(seen.len(), Ordering::SeqCst);
        seen[taken..].to_vec()
    }

    /// The same as lines: `GET /api/v4/version 200`.
    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(ToString::to_string).collect()
    }

    /// From now on the proxy answers such requests itself. They are seen as well.
    pub fn stand_in(&self, stand_in: StandIn) {
        let mut stand_ins = self.watch.stand_ins.lock().expect("no watcher panicked");
        stand_ins.push(stand_in);
    }

    /// The next answer breaks off after so many bytes of its body.
    pub fn cut_next_answer_after(&self, bytes: u64) {
        self.watch.cut.store(bytes, Ordering::SeqCst);
    }
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.method, self.target, self.status)
    }
}

/// One connection of a client: this thread carries requests, another one answers. Errors of the sockets end it, as
/// either side hanging up does.
fn serve(client: &TcpStream, server: SocketAddr, watch: &Watch) {
    let Ok(server) = TcpStream::connect(server) else {
        return;
    };
    // A body may follow its head in a write of its own, which Nagle would hold back.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let server = &server;
    let (asked, questions) = mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            let _ = carry_answers(server, client, &questions, watch);
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        });
        let _ = carry_requests(client, server, &asked, watch);
        let _ = server.shutdown(Shutdown::Write);
    });
}

fn carry_requests(
    client: &TcpStream,
    server: &TcpStream,
    asked: &mpsc::Sender<usize>,
    watch: &Watch,
) -> io::Result<()> {
    let mut from = BufReader::new(client);
    let mut to = BufWriter::new(server);
    while let Some(head) = Head::read(&mut from)? {
        let mut words = head.first.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let request = Seen {
            method: word(),
            target: word(),
            headers: head.headers.clone(),
            ..Seen::default()
        };
        let stand_in = watch.answer_of(&request);
        let body = head.body();
        let number = watch.push(request);
        let count = |bytes| watch.change(number, |seen| seen.body_size += bytes);
        if let Some((status, json)) = stand_in {
            body.pass(&mut from, &mut io::sink(), u64::MAX, count)?;
            watch.change(number, |seen| seen.status = status);
            let length = json.len();
            let mut client = client;
            write!(
                client,
                "HTTP/1.1 {status} By Stand-In\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
            )?;
            continue;
        }
        let _ = asked.send(number);
        to.write_all(&head.bytes)?;
        flush_unless_more(&from, &mut to)?;
        body.pass(&mut from, &mut to, u64::MAX, count)?;
        to.flush()?;
    }
    Ok(())
}

fn carry_answers(
    server: &TcpStream,
    client: &TcpStream,
    questions: &mpsc::Receiver<usize>,
    watch: &Watch,
) -> io::Result<()> {
    let mut from = BufReader::new(server);
    let mut to = BufWriter::new(client);
    let mut question = None;
    while let Some(head) = Head::read(&mut from)? {
        let code = head
            .first
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok());
        let status: u16 = code.ok_or_else(|| io::Error::other("an answer without a status"))?;
        let number = match question.take() {
            Some(number) => number,
            None => questions.recv().map_err(io::Error::other)?,
        };
        // Written down before it is passed on: when the client has ended, everything is there.
        let interim = status < 200;
        let method = watch.change(number, |seen| {
            if interim {
                seen.continued |= status == 100;
            } else {
                seen.status = status;
            }
            seen.method.clone()
        });
        to.write_all(&head.bytes)?;
        flush_unless_more(&from, &mut to)?;
        if interim {
            question = Some(number);
            continue;
        }
        if method == "HEAD" || status == 204 || status == 304 {
            to.flush()?;
            continue;
        }
        let limit = match watch.cut.swap(0, Ordering::SeqCst) {
            0 => u64::MAX,
            limit => limit,
        };
        head.body().pass(&mut from, &mut to, limit, |_| ())?;
        to.flush()?;
        if limit < u64::MAX {
            return Ok(()); // which hangs up
        }
    }
    Ok(())
}

impl Watch {
    fn push(&self, request: Seen) -> usize {
        let mut seen = self.seen.lock().expect("no watcher panicked");
        seen.push(request);
        seen.len() - 1
    }

    fn change<T>(&self, number: usize, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().expect("no watcher panicked")[number])
    }

    fn answer_of(&self, request: &Seen) -> Option<(u16, &'static str)> {
        let stand_ins = self.stand_ins.lock().expect("no watcher panicked");
        let found = stand_ins.iter().find(|stand_in| {
            stand_in.method == request.method && request.target.starts_with(&stand_in.target)
        });
        found.map(|stand_in| (stand_in.status, stand_in.json))
    }
}

/// What came together goes on together: it makes a difference to a client that waits for a word.
fn flush_unless_more(from: &BufReader<impl Read>, to: &mut impl Write) -> io::Result<()> {
    if from.buffer().is_empty() {
        to.flush()?;
    }
    Ok(())
}

/// First line and headers of a request or an answer, and the bytes they came in.
struct Head {
    first: String,
    headers: Vec<(String, String)>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Framing {
    Length(u64),
    Chunked,
}

impl Head {
    /// `None` when the other side has hung up.
    fn read(from: &mut impl BufRead) -> io::Result<Option<Head>> {
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            if from.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            if bytes[start..] == *b"\r\n" && start > 0 {
                break;
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let pair = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        let headers = lines.filter_map(pair).collect();
        Ok(Some(Head {
            first,
            headers,
            bytes,
        }))
    }

    fn body(&self) -> Framing {
        for (name, value) in &self.headers {
            if name.eq_ignore_ascii_case("transfer-encoding") {
                return Framing::Chunked;
            }
            if name.eq_ignore_ascii_case("content-length") {
                return Framing::Length(value.parse().unwrap_or(0));
            }
        }
        Framing::Length(0)
    }
}

impl Framing {
    /// Passes a body on, up to a limit. Bytes are counted before they are passed, the framing of chunks is not.
    fn pass(
        self,
        from: &mut BufReader<impl Read>,
        to: &mut impl Write,
        limit: u64,
        count: impl Fn(u64),
    ) -> io::Result<()> {
        if let Framing::Length(length) = self {
            return pass(from, to, length.min(limit), &count);
        }
        loop {
            let mut line = Vec::new();
            from.read_until(b'\n', &mut line)?;
            to.write_all(&line)?;
            let text = String::from_utf8_lossy(&line);
            let digits = text.split(';').next().unwrap_or_default().trim();
            let length = u64::from_str_radix(digits, 16).map_err(io::Error::other)?;
            pass(from, to, length, &count)?;
            pass(from, to, 2, &|_| ())?; // the line's end; nobody here sends trailers
            if length == 0 {
                return Ok(());
            }
        }
    }
}

fn pass(
    from: &mut BufReader<impl Read>,
    to: &mut impl Write,
    mut left: u64,
    count: &impl Fn(u64),
) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    while left > 0 {
        let most = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let size = from.read(&mut buffer[..most])?;
        if size == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        count(size as u64);
        to.write_all(&buffer[..size])?;
        flush_unless_more(from, to)?;
        left -= size as u64;
    }
    Ok(())
}
