//! `VictoriaMetrics` of one node, under the path that a cluster's vmselect has.

use std::fmt::Write as _;

use backend::prometheus::Client;
use backend::scan::{Scan, Server, Subject, Window, Windows, scan};
use backend::settings::Settings;
use model::detect::Verdict;
use model::query::Scope;

use crate::pods::{METRIC, MIB, PODS, SCRAPES, START, STEP_SECS, bytes, labels, planted};
use crate::{leaking, pod};

const PREFIX: &str = "/select/0/prometheus";

fn add(server: &parts::Server, samples: &str) {
    let reply = parts::post(server.port(), &format!("{PREFIX}/api/v1/import/prometheus"), samples).unwrap();
    assert_eq!(reply.status, 204, "{}", reply.body);
    parts::get(server.port(), &format!("{PREFIX}/internal/force_flush")).unwrap();
}

fn filled(args: &[&str]) -> parts::Server {
    let builder = parts::victoria_metrics().path_prefix(PREFIX);
    let server = args.iter().fold(builder, |builder, arg| builder.arg(*arg)).start().unwrap();
    let mut samples = String::new();
    for number in 0..PODS {
        let labels = labels(number);
        for scrape in 0..SCRAPES {
            let secs = scrape * STEP_SECS;
            writeln!(samples, "{METRIC}{labels} {} {}", bytes(number, secs), (START + secs) * 1000).unwrap();
        }
    }
    add(&server, &samples);
    server
}

fn seven_hours() -> Window {
    let to_secs = (START + (SCRAPES - 1) * STEP_SECS) as f64;
    Window { from_secs: to_secs - 7.0 * 3600.0, to_secs }
}

#[tokio::test]
async fn leaks_are_found_and_late_samples_correct_the_newest_windows() {
    let server = filled(&[]);
    let settings = Settings::for_url(&server.url()).unwrap();
    let client = Client::new(&settings).unwrap();
    let (windows, window) = (Windows::default(), seven_hours());
    let whom = Server { client: &client, settings: &settings };
    let everything = Subject::Scope(Scope::default());
    let look = async |window: Window| scan(whom, &windows, &everything, window).await.unwrap();

    let first = look(window).await;
    assert_eq!(leaking(&first), planted());
    assert_eq!((first.suspects.len(), &first.notices), (PODS, &Vec::new()));

    // Two samples come after later ones: one within the grace time, one hours later than the others.
    let calm = first.suspects.last().unwrap();
    assert_eq!(calm.assessment.verdict, Verdict::Screened);
    let calm = pod(calm);
    let number: usize = calm.trim_start_matches("web-").parse().unwrap();
    let to_secs = window.to_secs as i64;
    let (late, too_late) = (to_secs - 130, to_secs - 3 * 3600 - 130);
    let labels = labels(number);
    let line = |mib: f64, secs: i64| format!("{METRIC}{labels} {} {}\n", mib * MIB, secs * 1000);
    add(&server, &(line(250.0, late) + &line(240.0, too_late)));

    let lowest = |scan: &Scan| {
        let found = scan.suspects.iter().find(|one| pod(one) == calm).unwrap();
        assert_eq!(found.assessment.verdict, Verdict::Screened);
        found.series.values.iter().copied().fold(f64::INFINITY, f64::min) / MIB
    };
    assert!(lowest(&first) > 290.0);
    let refreshed = look(Window { from_secs: window.from_secs + 60.0, to_secs: window.to_secs + 60.0 }).await;
    assert_eq!(lowest(&refreshed), 250.0, "the newest windows are asked for again, older ones are not");
    // Whoever asks for an earlier range asks for all of it.
    let earlier = Window { from_secs: window.from_secs - 1800.0, ..window };
    let wider = look(earlier).await;
    assert_eq!(lowest(&wider), 240.0);
}

#[tokio::test]
async fn a_query_that_is_too_much_for_it_is_asked_in_parts() {
    // A day's rest: all samples of the range are more than this, those of a third are not.
    let server = filled(&["-search.maxSamplesPerQuery=90000"]);
    let settings = Settings::for_url(&server.url()).unwrap();
    let client = Client::new(&settings).unwrap();
    let whom = Server { client: &client, settings: &settings };
    let scope = Scope { job: model::query::Selection::one("web"), ..Scope::default() };
    let found = scan(whom, &Windows::default(), &Subject::Scope(scope), seven_hours()).await.unwrap();
    assert_eq!(found.suspects.len(), PODS);
    assert_eq!(leaking(&found), planted());
    assert!(found.notices.iter().any(|notice| notice.contains("parts by namespace")), "{:?}", found.notices);
}
