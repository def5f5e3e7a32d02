//! The versions of many names at once, as light as they come: what a search ranks and filters before it reads the few
//! packages that it shows.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ListedPackage, PackageType, Registry};
use crate::error::Result;
use crate::storage::db::catalog::{self, Wanted};
use crate::storage::db::{Connection, packages};

pub use crate::storage::db::catalog::{CatalogRow, Names};

impl Registry {
    /// The installable versions, hidden or not, of the names of a type that have a file with this ending: by name, and
    /// then by id. Of equal versions in several projects the package with the newest id stands for all.
    pub async fn catalog(
        &self,
        projects: Arc<[i64]>,
        package_type: PackageType,
        names: Names,
        file_ending: &'static str,
        with_metadata: bool,
    ) -> Result<Vec<CatalogRow>> {
        let work = move |conn: &Connection| {
            let wanted = Wanted {
                project_ids: &projects,
                package_type,
                names: &names,
                file_ending,
                with_metadata,
            };
            let rows = catalog::rows(conn, wanted)?;
            let mut newest: HashMap<(&str, &str), i64> = HashMap::new();
            for row in &rows {
                newest.insert((&row.name_key, &row.version_key), row.package_id);
            }
            let stand: Vec<bool> = rows
                .iter()
                .map(|row| {
                    newest[&(row.name_key.as_str(), row.version_key.as_str())] == row.package_id
                })
                .collect();
            let mut stand = stand.into_iter();
            Ok(rows
                .into_iter()
                .filter(|_| stand.next() == Some(true))
                .collect())
        };
        self.db.read(work).await
    }

    /// The packages behind rows of the catalog, in their order, with metadata and files; without what is gone since.
    pub async fn catalog_packages(&self, package_ids: Vec<i64>) -> Result<Vec<ListedPackage>> {
        let work = move |conn: &Connection| {
            let found = packages::installable_by_id(conn, &package_ids)?;
            let mut listed = ListedPackage::with_files(conn, found)?;
            let place: HashMap<i64, usize> = package_ids
                .iter()
                .enumerate()
                .map(|(at, id)| (*id, at))
                .collect();
            listed.sort_by_key(|listed| place.get(&listed.package.id).copied());
            Ok(listed)
        };
        self.db.read(work).await
    }

    /// How a name was written when it was first published, where it is compared without regard to that.
    pub fn first_spelling(
        &self,
        project_id: i64,
        package_type: PackageType,
        name_key: &str,
    ) -> Result<Option<String>> {
        self.db
            .look(|conn| packages::first_spelling(conn, project_id, package_type, name_key))
    }
}
