//! Downloads over time as a small picture: bars in SVG, with the same in words.

use super::html::{Html, html};
use super::words::count;
use crate::registry::Downloads;

/// Units of the picture: a bar and the gap behind it, and the height.
const STEP: i64 = 4;
const BAR: i64 = 3;
const HEIGHT: i64 = 48;

pub(super) fn downloads(downloads: &Downloads) -> Html {
    let most = downloads
        .days
        .iter()
        .map(|(_, day)| *day)
        .max()
        .unwrap_or(0)
        .max(1);
    let recent: i64 = downloads.days.iter().map(|(_, day)| *day).sum();
    let bar = |(at, (date, day)): (usize, &(String, i64))| {
        // A day with any downloads is seen, however many another has.
        let height = match day {
            0 => 1,
            day => (day.saturating_mul(HEIGHT) / most).max(3),
        };
        let class = if *day == 0 { "none" } else { "some" };
        html!(
            "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}: {}</title></rect>",
            class,
            at as i64 * STEP,
            HEIGHT - height,
            BAR,
            height,
            *date,
            *day,
        )
    };
    let bars: Vec<Html> = downloads.days.iter().enumerate().map(bar).collect();
    let days = downloads.days.len();
    html!(
        "<figure class=\"chart\"><figcaption><strong>{}</strong><span class=\"quiet\">{} in {} days</span></figcaption>\
         <svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Downloads by day: {} in the last {} days\">{}</svg></figure>",
        count(downloads.total, "download", "downloads"),
        super::words::number(recent),
        days,
        days as i64 * STEP - (STEP - BAR),
        HEIGHT,
        recent,
        days,
        bars,
    )
}
