//! Lines to paste, with a tab for each client.
//!
//! The tabs are radio buttons: they work by keyboard and without script.

use super::html::{Html, html};
use super::snippets::{Client, Snippet, TOKEN};

/// In which order a page tells what a client needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// A package's page: who comes here wants to install.
    InstallFirst,
    /// The set-up page.
    ConfigureFirst,
}

pub(super) fn tabs(clients: &[Client], order: Order) -> Html {
    let tab = |(at, client): (usize, &Client)| {
        let checked = (at == 0).then(|| html!(" checked"));
        html!(
            "<input type=\"radio\" name=\"client\" id=\"client-{}\" value=\"{}\"{}><label for=\"client-{}\">{}</label>",
            at,
            client.name,
            checked,
            at,
            client.name
        )
    };
    let tabs: Vec<Html> = clients.iter().enumerate().map(tab).collect();
    let panels: Vec<Html> = clients.iter().map(|client| panel(client, order)).collect();
    html!(
        "<div class=\"clients\"><fieldset><legend class=\"hidden\">Client</legend>{}</fieldset>{}</div>",
        tabs,
        panels
    )
}

fn panel(client: &Client, order: Order) -> Html {
    let install = part("Install", &client.install);
    let configure = part("Configure once", &client.configure);
    let publish = part("Publish", &client.publish);
    let parts = match order {
        Order::InstallFirst => vec![install, configure, publish],
        Order::ConfigureFirst => vec![configure, publish, install],
    };
    html!("<div class=\"panel\">{}</div>", parts)
}

fn part(title: &str, snippets: &[Snippet]) -> Option<Html> {
    let blocks: Vec<Html> = snippets.iter().map(block).collect();
    (!blocks.is_empty()).then(|| html!("<h3>{}</h3>{}", title, blocks))
}

fn block(snippet: &Snippet) -> Html {
    // What is to be replaced stands out; copying takes the text alone.
    let parts: Vec<Html> = snippet
        .text
        .trim_end()
        .split(TOKEN)
        .enumerate()
        .map(|(at, part)| match at {
            0 => html!("{}", part),
            _ => html!("<mark>{}</mark>{}", TOKEN, part),
        })
        .collect();
    html!(
        "<div class=\"snippet\"><div class=\"place\"><span>{}</span><button type=\"button\" class=\"plain\" data-copy>Copy</button></div>\
         <pre tabindex=\"0\" aria-label=\"{}\"><code>{}</code></pre></div>",
        snippet.place,
        snippet.place,
        parts
    )
}
