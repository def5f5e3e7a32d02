//! Where each row of the contract is shown: every row of the seed documents (S1 to S117), every item of the conformance
//! checklist, every decision. A row has the tests that show it, and the issues that owe what is still missing of it:
//! 2 foundation · 3 npm · 4 PyPI and Maven · 5 NuGet, Composer, Conan · 6 Helm, Terraform, Go · 7 access and
//! administration · 8 web page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

struct Row {
    id: &'static str,
    tests: &'static [&'static str],
    owed_by: &'static [u8],
    /// A row that a newer one has replaced, or that has no effect of its own: the row that holds.
    holds: Option<&'static str>,
}

const fn row(id: &'static str, tests: &'static [&'static str], owed_by: &'static [u8]) -> Row {
    Row {
        id,
        tests,
        owed_by,
        holds: None,
    }
}

const fn same(id: &'static str, holds: &'static str) -> Row {
    Row {
        id,
        tests: &[],
        owed_by: &[],
        holds: Some(holds),
    }
}

const SEEDS: &[Row] = &[
    row("S1", &["s1_s10_every_route_exists_on_a_fresh_install"], &[]),
    row(
        "S2",
        &["s2_item24_a_project_is_named_by_id_or_by_its_encoded_path"],
        &[],
    ),
    row("S3", &["s3_a_group_is_named_by_id_or_by_path"], &[]),
    row(
        "S4",
        &["s4_s5_ids_that_are_no_integers_are_told_after_the_access_checks"],
        &[],
    ),
    row(
        "S5",
        &["s4_s5_ids_that_are_no_integers_are_told_after_the_access_checks"],
        &[],
    ),
    row("S6", &["s6_a_token_goes_into_private_token"], &[]),
    row(
        "S7",
        &["s7_s105_s106_a_deleted_package_is_gone_and_stays_gone"],
        &[],
    ),
    row("S8", &["s8_job_tokens_work_on_the_project_routes"], &[]),
    row("S9", &["s9_item18_the_group_list_takes_no_job_token"], &[]),
    row(
        "S10",
        &["s1_s10_every_route_exists_on_a_fresh_install"],
        &[],
    ),
    row(
        "S11",
        &[
            "s11_a_link_can_be_called_unchanged_although_it_repeats_the_id",
            "s11_s12_s13_lists_are_arrays_details_objects_numbers_numbers_and_dates_have_milliseconds",
        ],
        &[],
    ),
    row(
        "S12",
        &[
            "s11_s12_s13_lists_are_arrays_details_objects_numbers_numbers_and_dates_have_milliseconds",
        ],
        &[],
    ),
    row(
        "S13",
        &[
            "s11_s12_s13_lists_are_arrays_details_objects_numbers_numbers_and_dates_have_milliseconds",
        ],
        &[],
    ),
    row("S14", &["s14_s94_lists_show_twenty_by_default"], &[]),
    row("S15", &["s15_every_parameter_is_optional"], &[]),
    row("S16", &["s16_the_minimal_item_is_complete"], &[]),
    row(
        "S17",
        &["s17_s18_s39_s40_the_list_holds_the_packages_of_one_project_alone"],
        &[],
    ),
    row(
        "S18",
        &["s17_s18_s39_s40_the_list_holds_the_packages_of_one_project_alone"],
        &[],
    ),
    row(
        "S19",
        &["s19_item05_without_a_type_every_type_is_listed_terraform_modules_too"],
        &[],
    ),
    row(
        "S20",
        &["s20_item01_only_public_projects_answer_without_authentication"],
        &[],
    ),
    same("S21", "S22"),
    row(
        "S22",
        &[
            "s22_item05_the_plain_list_shows_default_deprecated_and_error",
            "deprecating_one_version_leaves_the_others_alone",
        ],
        &[],
    ),
    same("S23", "S22"),
    row(
        "S24",
        &["s24_s25_s26_a_status_shows_exactly_its_packages"],
        &[],
    ),
    row(
        "S25",
        &["s24_s25_s26_a_status_shows_exactly_its_packages"],
        &[],
    ),
    row(
        "S26",
        &["s24_s25_s26_a_status_shows_exactly_its_packages"],
        &[],
    ),
    row(
        "S27",
        &["s27_s28_item09_the_four_orders_and_their_reverse"],
        &[],
    ),
    row(
        "S28",
        &["s27_s28_item09_the_four_orders_and_their_reverse"],
        &[],
    ),
    row(
        "S29",
        &["s29_s30_item06_a_type_shows_exactly_its_packages"],
        &[],
    ),
    row(
        "S30",
        &["s29_s30_item06_a_type_shows_exactly_its_packages"],
        &[],
    ),
    row("S31", &["s31_names_are_searched_fuzzily"], &[]),
    row(
        "S32",
        &["s32_s33_item07_a_version_is_matched_exactly_and_never_by_a_versionless_package"],
        &[],
    ),
    row(
        "S33",
        &["s32_s33_item07_a_version_is_matched_exactly_and_never_by_a_versionless_package"],
        &[],
    ),
    row(
        "S34",
        &["s34_versionless_packages_are_shown_on_demand"],
        &[],
    ),
    row("S35", &["s35_filters_combine"], &[]),
    row(
        "S36",
        &["s36_s37_s38_items_have_their_keys_in_the_order_of_the_examples"],
        &[],
    ),
    row(
        "S37",
        &["s36_s37_s38_items_have_their_keys_in_the_order_of_the_examples"],
        &[],
    ),
    row(
        "S38",
        &["s36_s37_s38_items_have_their_keys_in_the_order_of_the_examples"],
        &[],
    ),
    row(
        "S39",
        &[
            "s17_s18_s39_s40_the_list_holds_the_packages_of_one_project_alone",
            "s39_s86_s93_a_deployed_snapshot_is_listed_with_its_files_as_they_were_sent",
        ],
        &[],
    ),
    row(
        "S40",
        &[
            "s17_s18_s39_s40_the_list_holds_the_packages_of_one_project_alone",
            "a_publish_is_answered_with_the_package_and_can_be_installed_at_once",
        ],
        &[],
    ),
    row(
        "S41",
        &[
            "s41_s42_s43_item10_conan_is_known_by_its_recipe_and_alone_has_a_bare_name",
            "s41_s42_an_uploaded_recipe_is_known_by_its_reference",
        ],
        &[],
    ),
    row(
        "S42",
        &[
            "s41_s42_s43_item10_conan_is_known_by_its_recipe_and_alone_has_a_bare_name",
            "s41_s42_an_uploaded_recipe_is_known_by_its_reference",
        ],
        &[],
    ),
    row(
        "S43",
        &["s41_s42_s43_item10_conan_is_known_by_its_recipe_and_alone_has_a_bare_name"],
        &[],
    ),
    row(
        "S44",
        &["s44_s45_links_lead_to_the_page_and_to_the_deletion"],
        &[],
    ),
    row(
        "S45",
        &["s44_s45_links_lead_to_the_page_and_to_the_deletion"],
        &[],
    ),
    row(
        "S46",
        &[
            "s46_tags_are_a_list",
            "a_publish_is_answered_with_the_package_and_can_be_installed_at_once",
            "the_packages_api_shows_it_as_it_was_written_with_its_keywords",
        ],
        &[],
    ),
    row(
        "S47",
        &["s47_s48_s70_item13_pipelines_are_absent_without_one_and_else_empty"],
        &[],
    ),
    row(
        "S48",
        &["s47_s48_s70_item13_pipelines_are_absent_without_one_and_else_empty"],
        &[],
    ),
    row(
        "S49",
        &[
            "s49_processing_packages_can_be_listed_by_status",
            "s49_s116_the_page_carries_the_warnings",
            "s49_s110_s116_the_readme_carries_the_warnings",
        ],
        &[],
    ),
    row(
        "S50",
        &["s50_the_list_holds_the_packages_of_the_groups_projects"],
        &[],
    ),
    row(
        "S51",
        &["s51_without_authentication_only_public_projects_are_listed"],
        &[],
    ),
    same("S52", "S53"),
    row(
        "S53",
        &["s53_the_plain_list_shows_default_deprecated_and_error"],
        &[],
    ),
    row(
        "S54",
        &["s54_s55_item18_subgroups_are_listed_unless_they_are_excluded"],
        &[],
    ),
    row(
        "S55",
        &["s54_s55_item18_subgroups_are_listed_unless_they_are_excluded"],
        &[],
    ),
    row(
        "S56",
        &["s56_s57_projects_in_the_order_of_their_paths_newest_package_first"],
        &[],
    ),
    row(
        "S57",
        &["s56_s57_projects_in_the_order_of_their_paths_newest_package_first"],
        &[],
    ),
    same("S58", "S59"),
    row(
        "S59",
        &["s59_every_type_is_listed_and_can_be_asked_for"],
        &[],
    ),
    row(
        "S60",
        &["s60_s69_items_have_their_keys_in_order_and_their_project"],
        &[],
    ),
    row("S61", &["s61_names_are_searched_fuzzily"], &[]),
    row(
        "S62",
        &["s62_s63_s64_versions_are_exact_and_versionless_packages_on_demand"],
        &[],
    ),
    row(
        "S63",
        &["s62_s63_s64_versions_are_exact_and_versionless_packages_on_demand"],
        &[],
    ),
    row(
        "S64",
        &["s62_s63_s64_versions_are_exact_and_versionless_packages_on_demand"],
        &[],
    ),
    row("S65", &["s65_a_status_shows_exactly_its_packages"], &[]),
    row(
        "S66",
        &[
            "s66_the_web_path_shows_name_and_version_to_who_may_read_them_and_nothing_to_others",
            "a_terraform_module_has_its_own_address",
        ],
        &[],
    ),
    row(
        "S67",
        &["s67_s68_delete_paths_follow_the_role_in_each_items_own_project"],
        &[],
    ),
    row(
        "S68",
        &["s67_s68_delete_paths_follow_the_role_in_each_items_own_project"],
        &[],
    ),
    row(
        "S69",
        &["s60_s69_items_have_their_keys_in_order_and_their_project"],
        &[],
    ),
    row(
        "S70",
        &["s47_s48_s70_item13_pipelines_are_absent_without_one_and_else_empty"],
        &[],
    ),
    row(
        "S71",
        &["s71_twenty_at_a_time_and_processing_on_demand"],
        &[],
    ),
    row(
        "S72",
        &["s72_s75_the_detail_shows_one_package_of_this_project"],
        &[],
    ),
    same("S73", "S74"),
    row(
        "S74",
        &["s74_the_detail_knows_default_and_deprecated_only"],
        &[],
    ),
    row(
        "S75",
        &["s72_s75_the_detail_shows_one_package_of_this_project"],
        &[],
    ),
    row("S76", &["s76_s78_the_detail_has_its_keys_in_order"], &[]),
    row(
        "S77",
        &["s77_a_download_shows_in_last_downloaded_at_within_five_seconds"],
        &[],
    ),
    row("S78", &["s76_s78_the_detail_has_its_keys_in_order"], &[]),
    row(
        "S79",
        &["s79_s80_item12_versions_are_the_other_ones_of_this_name"],
        &[],
    ),
    row(
        "S80",
        &["s79_s80_item12_versions_are_the_other_ones_of_this_name"],
        &[],
    ),
    row("S81", &["s81_other_versions_show_their_pipelines"], &[]),
    same("S82", "S83"),
    row(
        "S83",
        &["s83_item11_links_are_empty_where_there_is_no_page_and_no_right_to_delete"],
        &[],
    ),
    row(
        "S84",
        &["s84_a_pipeline_has_all_its_keys_wherever_it_stands"],
        &[],
    ),
    row("S85", &["s85_only_who_may_delete_is_told_where"], &[]),
    row(
        "S86",
        &[
            "s86_s93_the_files_of_a_package_are_listed_under_their_names",
            "s39_s86_s93_a_deployed_snapshot_is_listed_with_its_files_as_they_were_sent",
        ],
        &[],
    ),
    row(
        "S87",
        &["s87_s88_s90_a_file_shows_size_and_digests_of_what_was_uploaded"],
        &[],
    ),
    row(
        "S88",
        &["s87_s88_s90_a_file_shows_size_and_digests_of_what_was_uploaded"],
        &[],
    ),
    row(
        "S89",
        &["s89_item13_files_of_a_job_show_their_pipelines"],
        &[],
    ),
    row(
        "S90",
        &["s87_s88_s90_a_file_shows_size_and_digests_of_what_was_uploaded"],
        &[],
    ),
    row(
        "S91",
        &["s91_s92_item19_files_are_ordered_by_id_name_or_time"],
        &[],
    ),
    row(
        "S92",
        &["s91_s92_item19_files_are_ordered_by_id_name_or_time"],
        &[],
    ),
    row(
        "S93",
        &[
            "s86_s93_the_files_of_a_package_are_listed_under_their_names",
            "s39_s86_s93_a_deployed_snapshot_is_listed_with_its_files_as_they_were_sent",
        ],
        &[],
    ),
    row("S94", &["s14_s94_lists_show_twenty_by_default"], &[]),
    row(
        "S95",
        &["s95_s99_s103_the_pipelines_of_one_package_newest_first"],
        &[],
    ),
    row(
        "S96",
        &["s96_s97_s98_s104_pipelines_and_users_have_their_keys_in_order"],
        &[],
    ),
    row(
        "S97",
        &["s96_s97_s98_s104_pipelines_and_users_have_their_keys_in_order"],
        &[],
    ),
    row(
        "S98",
        &["s96_s97_s98_s104_pipelines_and_users_have_their_keys_in_order"],
        &[],
    ),
    row(
        "S99",
        &["s95_s99_s103_the_pipelines_of_one_package_newest_first"],
        &[],
    ),
    same("S100", "S99"),
    row(
        "S101",
        &["s101_item14_twenty_at_a_time_and_a_link_to_the_rest"],
        &[],
    ),
    row(
        "S102",
        &["s102_what_a_pipeline_was_registered_with_is_read_back"],
        &[],
    ),
    row(
        "S103",
        &["s95_s99_s103_the_pipelines_of_one_package_newest_first"],
        &[],
    ),
    row(
        "S104",
        &["s96_s97_s98_s104_pipelines_and_users_have_their_keys_in_order"],
        &[],
    ),
    row(
        "S105",
        &["s7_s105_s106_a_deleted_package_is_gone_and_stays_gone"],
        &[],
    ),
    row(
        "S106",
        &["s7_s105_s106_a_deleted_package_is_gone_and_stays_gone"],
        &[],
    ),
    row(
        "S107",
        &["s107_s108_item21_a_protected_package_is_not_deleted_below_the_rules_level"],
        &[],
    ),
    row(
        "S108",
        &["s107_s108_item21_a_protected_package_is_not_deleted_below_the_rules_level"],
        &[],
    ),
    row(
        "S109",
        &["s109_item02_item03_who_may_not_delete_deletes_nothing"],
        &[],
    ),
    row(
        "S110",
        &[
            "s110_without_forwarding_a_deleted_package_is_missing_not_elsewhere",
            "what_nobody_here_has_is_sent_on",
            "hidden_and_deleted_names_are_still_ours",
            "s49_s110_s116_the_readme_carries_the_warnings",
            "a_maintainer_signs_in_makes_a_deploy_token_and_deletes_what_is_not_protected",
        ],
        &[],
    ),
    row(
        "S111",
        &["s111_item19_one_file_goes_the_others_and_the_package_stay"],
        &[],
    ),
    row(
        "S112",
        &["s112_who_may_not_delete_a_file_is_forbidden"],
        &[],
    ),
    row(
        "S113",
        &["s113_s114_item21_the_rule_of_a_package_protects_each_of_its_files"],
        &[],
    ),
    row(
        "S114",
        &["s113_s114_item21_the_rule_of_a_package_protects_each_of_its_files"],
        &[],
    ),
    row("S115", &["s115_what_is_not_there_cannot_be_deleted"], &[]),
    row(
        "S116",
        &[
            "s116_after_a_file_is_deleted_its_pull_fails_and_nothing_else",
            "s49_s116_the_page_carries_the_warnings",
            "s49_s110_s116_the_readme_carries_the_warnings",
        ],
        &[],
    ),
    same("S117", "S10"),
];

const CHECKLIST: &[Row] = &[
    row(
        "1",
        &[
            "item01_an_unknown_token_is_refused_on_public_projects_too",
            "item01_item02_item03_the_matrix_of_the_project_routes",
            "s20_item01_only_public_projects_answer_without_authentication",
        ],
        &[],
    ),
    row(
        "2",
        &[
            "item01_item02_item03_the_matrix_of_the_project_routes",
            "s109_item02_item03_who_may_not_delete_deletes_nothing",
        ],
        &[],
    ),
    row(
        "3",
        &[
            "item01_item02_item03_the_matrix_of_the_project_routes",
            "s109_item02_item03_who_may_not_delete_deletes_nothing",
        ],
        &[],
    ),
    row(
        "4",
        &["item04_several_wrong_parameters_are_told_in_one_sentence_after_the_access_checks"],
        &[],
    ),
    row(
        "5",
        &[
            "s19_item05_without_a_type_every_type_is_listed_terraform_modules_too",
            "s22_item05_the_plain_list_shows_default_deprecated_and_error",
        ],
        &[],
    ),
    row(
        "6",
        &["s29_s30_item06_a_type_shows_exactly_its_packages"],
        &[],
    ),
    row(
        "7",
        &["s32_s33_item07_a_version_is_matched_exactly_and_never_by_a_versionless_package"],
        &[],
    ),
    row(
        "8",
        &["item08_every_term_must_occur_quotes_make_phrases_and_wildcards_are_letters"],
        &[],
    ),
    row(
        "9",
        &[
            "item09_types_are_ordered_by_gitlabs_number_and_versionless_last",
            "s27_s28_item09_the_four_orders_and_their_reverse",
        ],
        &[],
    ),
    row(
        "10",
        &["s41_s42_s43_item10_conan_is_known_by_its_recipe_and_alone_has_a_bare_name"],
        &[],
    ),
    row(
        "11",
        &["s83_item11_links_are_empty_where_there_is_no_page_and_no_right_to_delete"],
        &[],
    ),
    row(
        "12",
        &["s79_s80_item12_versions_are_the_other_ones_of_this_name"],
        &[],
    ),
    row(
        "13",
        &[
            "item13_who_may_not_read_pipelines_sees_no_pipeline_keys",
            "s47_s48_s70_item13_pipelines_are_absent_without_one_and_else_empty",
            "s89_item13_files_of_a_job_show_their_pipelines",
        ],
        &[],
    ),
    row(
        "14",
        &["s101_item14_twenty_at_a_time_and_a_link_to_the_rest"],
        &[],
    ),
    row(
        "15",
        &[
            "item15_an_empty_list_has_one_page_of_nothing",
            "item15_page_sizes_have_their_bounds",
        ],
        &[],
    ),
    row(
        "16",
        &[
            "item16_following_next_visits_everything_once",
            "item16_links_carry_no_credential",
            "item16_links_stand_in_order_and_name_every_declared_parameter",
        ],
        &[],
    ),
    row("17", &["item17_beyond_ten_thousand_no_total_is_told"], &[]),
    row(
        "18",
        &[
            "item18_a_reporter_of_one_project_sees_what_the_membership_shows_of_a_private_group",
            "item18_the_matrix_of_the_group_route_has_no_role_403",
            "s54_s55_item18_subgroups_are_listed_unless_they_are_excluded",
            "s9_item18_the_group_list_takes_no_job_token",
        ],
        &[],
    ),
    row(
        "19",
        &[
            "item19_files_are_listed_and_downloaded_for_displayable_packages_alone",
            "s111_item19_one_file_goes_the_others_and_the_package_stay",
            "s91_s92_item19_files_are_ordered_by_id_name_or_time",
        ],
        &[],
    ),
    row("20", &["item20_a_download_is_an_attachment_of_bytes"], &[]),
    row(
        "21",
        &[
            "s107_s108_item21_a_protected_package_is_not_deleted_below_the_rules_level",
            "s113_s114_item21_the_rule_of_a_package_protects_each_of_its_files",
        ],
        &[],
    ),
    row(
        "22",
        &[
            "wrong_parameters_are_refused_in_gitlabs_words",
            "a_rule_that_makes_no_sense_is_unprocessable",
            "parameters_are_checked_before_the_project_and_credentials_before_both",
        ],
        &[],
    ),
    row(
        "23",
        &[
            "item23_a_file_that_is_newer_is_not_deleted",
            "item23_what_has_changed_since_is_not_deleted",
        ],
        &[],
    ),
    row(
        "24",
        &[
            "item24_an_unencoded_path_matches_no_route",
            "s2_item24_a_project_is_named_by_id_or_by_its_encoded_path",
        ],
        &[],
    ),
    row(
        "25",
        &["item25_deploy_tokens_and_basic_pairs_are_not_there_on_core_routes"],
        &[],
    ),
    row(
        "26",
        &["item26_a_small_scope_reads_and_does_nothing_else"],
        &[],
    ),
    row(
        "27",
        &["item27_expired_and_revoked_tokens_are_told_apart"],
        &[],
    ),
    row("28", &[], &[7]),
    row(
        "29",
        &["a_job_publishes_for_its_pipeline_and_has_no_creator"],
        &[],
    ),
    row(
        "30",
        &["the_first_status_of_a_commit_makes_its_pipeline_and_the_next_moves_it"],
        &[],
    ),
    row(
        "31",
        &["item31_of_two_credentials_the_first_in_order_decides"],
        &[],
    ),
    row("32", &["every_row_of_the_contract_is_shown_or_owed"], &[]),
];

const DECISIONS: &[Row] = &[
    row(
        "a body over the limit is 413",
        &[
            "a_body_over_the_limit_is_refused_before_it_is_read",
            "a_chunked_body_is_stopped_where_it_crosses_the_limit",
            "a_tarball_over_the_limit_is_413",
            "the_limit_is_fifty_mebibytes_and_the_operators_to_set",
            "a_module_over_the_limit_is_413",
            "a_package_beyond_the_limit_is_refused",
            "an_upload_beyond_the_limit_is_refused",
            "a_file_beyond_the_limit_is_refused",
            "what_is_too_large_is_refused",
        ],
        &[],
    ),
    row(
        "duplicates and their exception pattern",
        &[
            "the_four_cells_of_the_duplicate_settings",
            "a_second_chart_is_a_matter_of_the_groups_setting",
            "a_module_belongs_to_one_project_of_its_namespace",
            "where_they_are_not_409_says_so_and_nothing_changes",
            "an_exception_turns_the_setting_around",
            "a_release_is_published_once_and_a_branch_again_and_again",
            "duplicates_follow_the_switch_and_the_exception_turns_it_round",
        ],
        &[],
    ),
    row(
        "two credentials in one request",
        &["item31_of_two_credentials_the_first_in_order_decides"],
        &[],
    ),
    row(
        "a guest of a private project reads",
        &[
            "guests_can_be_kept_from_pulling",
            "the_matrix_of_every_credential_role_and_visibility",
        ],
        &[],
    ),
    row(
        "a stranger and a private project",
        &[
            "what_is_invisible_looks_exactly_like_what_is_not_there",
            "a_project_that_is_not_there_is_refused_like_one_that_is_hidden",
        ],
        &[],
    ),
    row(
        "anonymous and a private or internal project",
        &[
            "an_anonymous_crawl_of_a_private_project_finds_what_is_not_there",
            "refusals_have_their_texts_and_their_challenge",
        ],
        &[],
    ),
    row(
        "a deploy token of another project",
        &["the_matrix_of_every_credential_role_and_visibility"],
        &[],
    ),
    row(
        "a deploy token with the write scope",
        &[
            "the_matrix_of_every_credential_role_and_visibility",
            "a_delete_needs_a_maintainer_and_obeys_rules",
            "the_matrix_of_the_format_routes_that_change_something",
        ],
        &[],
    ),
    row(
        "scope, then validation",
        &["item26_a_small_scope_reads_and_does_nothing_else"],
        &[],
    ),
    row(
        "?status= on a generic upload",
        &[
            "a_hidden_package_is_not_listed_and_still_downloads",
            "the_status_of_an_existing_package_is_a_maintainers",
        ],
        &[],
    ),
    row(
        "the status of a package by REST",
        &[
            "a_maintainer_hides_shows_and_deprecates_a_package",
            "who_may_not_delete_a_package_may_not_change_its_status",
            "a_status_that_people_do_not_choose_is_refused",
        ],
        &[],
    ),
    row(
        "what deprecated means to each client",
        &[
            "what_a_client_may_not_install_is_not_served",
            "npm_moves_tags_deprecates_and_unpublishes",
            "a_status_shows_in_the_index",
            "a_deprecated_version_says_why",
            "a_status_says_whether_go_gets_a_module",
            "a_deprecated_version_is_abandoned_and_a_hidden_one_is_not_offered",
            "a_yanked_version_is_installed_only_by_its_number",
            "a_hidden_recipe_is_not_found_and_can_be_had",
        ],
        &[],
    ),
    row(
        "builds_access_level and public_jobs",
        &[
            "what_a_project_is_given_is_kept",
            "item13_who_may_not_read_pipelines_sees_no_pipeline_keys",
        ],
        &[],
    ),
    row(
        "a sub-path in the URL",
        &["below_a_sub_path_routes_answer_with_it_and_without_it"],
        &[],
    ),
    row(
        "failed authentications are limited",
        &[
            "beyond_thirty_failures_a_minute_further_ones_are_told_to_wait_by_default",
            "a_good_credential_is_never_slowed_and_none_at_all_is_no_failure",
            "every_carrier_counts_and_the_answer_is_in_the_form_of_the_client",
        ],
        &[],
    ),
    row(
        "the protection pattern",
        &[
            "a_rule_is_not_slipped_by_with_another_spelling",
            "s113_s114_item21_the_rule_of_a_package_protects_each_of_its_files",
            "a_rule_protects_every_spelling_of_a_name",
        ],
        &[],
    ),
    row(
        "audit events",
        &[
            "a_publish_tells_who_what_when_and_from_where_in_gitlabs_shape",
            "tokens_members_and_settings_are_written_down_and_no_secret_is",
            "a_refusal_by_a_protection_rule_is_written_down_wherever_it_falls",
            "the_log_is_read_by_maintainers_owners_and_administrators_each_their_own",
        ],
        &[],
    ),
    row(
        "retention rules",
        &[
            "rules_are_made_shown_changed_and_deleted",
            "a_preview_says_what_would_go_and_why_and_takes_nothing",
            "a_rule_of_a_group_holds_for_every_project_below_and_for_no_other",
            "rules_are_for_maintainers",
            "wrong_rules_are_refused_in_words",
        ],
        &[],
    ),
    row(
        "quotas",
        &[
            "a_quota_starts_without_limits_and_shows_what_is_used",
            "an_upload_over_the_quota_is_told_whose_it_is_and_how_much_is_left",
            "quotas_are_shown_to_maintainers_and_set_from_above",
            "of_many_uploads_that_race_for_the_last_bytes_only_those_win_that_fit",
        ],
        &[],
    ),
];

/// The names of all tests below `tests/it`.
fn test_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("#[test]\n").skip(1) {
                let name = after
                    .split_once("fn ")
                    .and_then(|(_, rest)| rest.split_once('('));
                names.extend(name.map(|(name, _)| name.to_owned()));
            }
        }
    }
    names
}

/// The rows that a test's name begins with: `s91_s92_item19_files_…` shows S91, S92 and item 19.
fn rows_named_by(test: &str) -> Vec<String> {
    let row = |word: &str| {
        let number = |prefix| word.strip_prefix(prefix)?.parse::<u32>().ok();
        let seed = number("s").map(|number| format!("S{number}"));
        seed.or_else(|| number("item").map(|number| number.to_string()))
    };
    test.split('_').map_while(row).collect()
}

#[test]
fn every_row_of_the_contract_is_shown_or_owed() {
    let numbers = |rows: &[Row]| rows.iter().map(|row| row.id.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        numbers(SEEDS),
        (1..=117)
            .map(|number| format!("S{number}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        numbers(CHECKLIST),
        (1..=32)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
    );
    assert_eq!(DECISIONS.len(), 19);
    let known = test_names();
    assert!(
        known.len() > 200,
        "only {} tests: is the scan blind?",
        known.len()
    );
    for row in SEEDS.iter().chain(CHECKLIST).chain(DECISIONS) {
        for test in row.tests {
            assert!(known.contains(*test), "{}: there is no test {test}", row.id);
        }
        for issue in row.owed_by {
            assert!(
                (3..=8).contains(issue),
                "{}: there is no issue {issue}",
                row.id
            );
        }
        match row.holds {
            Some(holds) => assert!(
                SEEDS
                    .iter()
                    .any(|other| other.id == holds && other.holds.is_none()),
                "{}",
                row.id
            ),
            None => assert!(
                !row.tests.is_empty() || !row.owed_by.is_empty(),
                "{} is neither shown nor owed",
                row.id
            ),
        }
    }
}

#[test]
fn every_test_that_names_a_row_stands_in_its_list() {
    let mut missing = Vec::new();
    for test in test_names() {
        for id in rows_named_by(&test) {
            let listed = SEEDS
                .iter()
                .chain(CHECKLIST)
                .any(|row| row.id == id && row.tests.contains(&test.as_str()));
            if !listed {
                missing.push(format!("{id}: {test}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "add to tests/it/coverage.rs:\n{}",
        missing.join("\n")
    );
}

#[test]
fn rows_are_read_from_the_beginning_of_a_name() {
    assert_eq!(
        rows_named_by("s91_s92_item09_files_of_s1"),
        ["S91", "S92", "9"]
    );
    assert!(rows_named_by("a_s1_test").is_empty());
    assert!(rows_named_by("several_files").is_empty());
}
