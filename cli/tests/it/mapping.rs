//! A mapping reads the files of the folder that it was given for, and no others unless it is allowed to.

use crate::process::Place;

fn mapping(file: &str) -> String {
    format!(
        "[accounts]\nfile = {file:?}\n[accounts.columns]\nexternal_id = \"id\"\nname = \"id\"\ntier = {{ value = \"smb\" }}\n"
    )
}

fn looking_up(file: &str) -> String {
    format!(
        "[accounts]\nfile = \"a.csv\"\n[accounts.columns]\nexternal_id = \"id\"\nname = {{ column = \"id\", lookup = {{ file = {file:?}, key = \"id\", value = \"name\" }} }}\ntier = {{ value = \"smb\" }}\n"
    )
}

#[test]
fn a_mapping_leads_outside_its_folder_only_where_it_may() {
    let place = Place::new();
    std::fs::create_dir_all(place.path().join("foreign/deeper")).unwrap();
    for file in ["secret.csv", "foreign/a.csv", "foreign/deeper/b.csv"] {
        place.write(file, "id,name\nx,X\n");
    }
    let absolute = place.path().join("secret.csv").display().to_string();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.csv", place.path().join("foreign/link.csv")).unwrap();
        std::os::unix::fs::symlink("a.csv", place.path().join("foreign/inside.csv")).unwrap();
        std::os::unix::fs::symlink("..", place.path().join("foreign/up")).unwrap();
    }
    for outside in [
        "../secret.csv",
        "deeper/../../secret.csv",
        absolute.as_str(),
        "link.csv",
        "up/secret.csv",
    ] {
        for text in [mapping(outside), looking_up(outside)] {
            place.write("m.toml", &text);
            let ended = place.run("import foreign --mapping m.toml --dry-run");
            let said = ended.refusal(2);
            assert!(
                said.contains(outside) && said.contains("accounts") && said.contains("--allow-outside"),
                "{outside}: {said}"
            );
            assert!(
                !place.path().join("rapport.db").exists(),
                "nothing was made before it was known"
            );
        }
    }
    for (arguments, file) in [
        ("", "a.csv"),
        ("", "deeper/b.csv"),
        ("", "./a.csv"),
        ("", "inside.csv"),
        ("--allow-outside", "../secret.csv"),
        ("--allow-outside", absolute.as_str()),
        ("--allow-outside", "link.csv"),
    ] {
        for text in [mapping(file), looking_up(file)] {
            place.write("m.toml", &text);
            let ended = place.run(&format!("import foreign --mapping m.toml --dry-run {arguments}"));
            assert_eq!(ended.code, Some(0), "{file}: {ended:?}");
        }
    }
}
