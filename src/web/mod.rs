//! The page that `web_path` leads to.
